<?php
/**
 * 2.11: pages are well; whatever is sent with POST (comments, forms, login) is fatal.
 *
 * @package lab-guestbook
 */

add_action(
	'init',
	function () {
		if ( isset( $_SERVER['REQUEST_METHOD'] ) && 'POST' === $_SERVER['REQUEST_METHOD'] ) {
			lab_guestbook_function_that_was_never_written();
		}
	}
);
