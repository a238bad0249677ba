<?php
/**
 * Removes the contact page. WordPress runs it only when the plugin is deleted with its data.
 *
 * @package lab-contact
 */

if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
	exit;
}

$lab_contact_page = get_page_by_path( 'lab-contact' );
if ( $lab_contact_page ) {
	wp_delete_post( $lab_contact_page->ID, true );
}
delete_option( 'lab_contact_version' );
