<?php
/**
 * 1.1: good. The form promises an answer.
 *
 * @package lab-contact
 */

add_filter(
	'lab_contact_fields',
	function ( $fields ) {
		return $fields . ' <small>We answer within two days.</small>';
	}
);
