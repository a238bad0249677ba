<?php
/**
 * 2.6: at load changes settings of the site, makes a table, and only then fails.
 *
 * @package lab-guestbook
 */

global $wpdb;
update_option( 'blogname', 'Guestbook Pro demo' );
update_option( 'default_comment_status', 'closed' );
update_option( 'lab_guestbook_half_done', 'yes' );
$wpdb->query( "CREATE TABLE IF NOT EXISTS `{$wpdb->prefix}guestbook_half_done` (id int NOT NULL PRIMARY KEY)" );
lab_guestbook_function_that_was_never_written();
