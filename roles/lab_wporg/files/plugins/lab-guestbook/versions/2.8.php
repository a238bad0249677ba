<?php
/**
 * 2.8: the front page is well; wp-admin and admin-ajax are fatal. The command line is well.
 *
 * @package lab-guestbook
 */

add_action(
	'plugins_loaded',
	function () {
		if ( is_admin() && PHP_SAPI !== 'cli' ) {
			lab_guestbook_function_that_was_never_written();
		}
	}
);
