<?php
/**
 * Drops what the guestbook owns. WordPress runs it only when the plugin is deleted with its data.
 *
 * @package lab-guestbook
 */

if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
	exit;
}

global $wpdb;
$wpdb->query( "DROP TABLE IF EXISTS `{$wpdb->prefix}guestbook`" );
delete_option( 'lab_guestbook_version' );
