<?php
/**
 * 2.4: visitors get 200 and the text of an error: WordPress's own on the front page, a database's elsewhere.
 *
 * @package lab-guestbook
 */

add_action(
	'template_redirect',
	function () {
		$text = is_front_page()
			? 'There has been a critical error on this website.'
			: 'Error establishing a database connection';
		wp_die( '<p>' . $text . '</p>', 'Error', array( 'response' => 200 ) );
	}
);
