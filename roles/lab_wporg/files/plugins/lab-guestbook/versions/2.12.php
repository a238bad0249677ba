<?php
/**
 * 2.12: migrates when wp-admin is opened, alters its table, and fails there; visitors are well.
 *
 * @package lab-guestbook
 */

remove_action( 'plugins_loaded', 'lab_guestbook_migrate' );

add_action(
	'admin_init',
	function () {
		global $wpdb;
		if ( PHP_SAPI === 'cli' ) {
			return;
		}
		$wpdb->query( 'ALTER TABLE `' . lab_guestbook_table() . '` CHANGE message body text NOT NULL' );
		lab_guestbook_function_that_was_never_written();
	}
);
