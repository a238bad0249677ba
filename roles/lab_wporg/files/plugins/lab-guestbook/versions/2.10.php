<?php
/**
 * 2.10: the first page after the update is well; from the second on every page is fatal.
 *
 * @package lab-guestbook
 */

add_action(
	'template_redirect',
	function () {
		$seen = 1 + (int) get_option( 'lab_guestbook_pages_seen', 0 );
		update_option( 'lab_guestbook_pages_seen', $seen );
		if ( $seen > 1 ) {
			lab_guestbook_function_that_was_never_written();
		}
	}
);
