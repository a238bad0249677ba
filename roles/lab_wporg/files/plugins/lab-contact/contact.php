<?php
/**
 * The contact page and its form. What one version does differently is in release.php.
 *
 * @package lab-contact
 */

/** Makes the page that carries the form, once. */
function lab_contact_install() {
	if ( ! get_page_by_path( 'lab-contact' ) ) {
		wp_insert_post(
			array(
				'post_type'    => 'page',
				'post_status'  => 'publish',
				'post_name'    => 'lab-contact',
				'post_title'   => 'Write to us',
				'post_content' => '[lab_contact]',
			)
		);
	}
	update_option( 'lab_contact_version', LAB_CONTACT_VERSION );
}

/** The form, or the thanks after it was sent. */
function lab_contact_form() {
	if ( isset( $_POST['lab_contact_message'] ) ) {
		$message = sanitize_textarea_field( wp_unslash( $_POST['lab_contact_message'] ) );
		$sent    = wp_mail( get_option( 'admin_email' ), 'Contact form', $message );
		return '<p class="lab-contact">' . ( $sent ? 'Thank you.' : 'Not sent.' ) . '</p>';
	}
	return '<form class="lab-contact" method="post"><label>Message'
		. ' <textarea name="lab_contact_message" required></textarea></label>'
		. apply_filters( 'lab_contact_fields', '' )
		. ' <button>Send</button></form>';
}
add_shortcode( 'lab_contact', 'lab_contact_form' );
