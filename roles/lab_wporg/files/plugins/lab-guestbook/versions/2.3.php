<?php
/**
 * 2.3: visitors get 200 and a white page. The command line and wp-admin are well.
 *
 * @package lab-guestbook
 */

add_action(
	'template_redirect',
	function () {
		ob_start(
			function () {
				return '';
			}
		);
	}
);
