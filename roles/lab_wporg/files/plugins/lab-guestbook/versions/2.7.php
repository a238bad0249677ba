<?php
/**
 * 2.7: works, but leaves a PHP file among the uploads and another beside WordPress.
 *
 * @package lab-guestbook
 */

add_action(
	'init',
	function () {
		$uploads = wp_upload_dir();
		$code    = "<?php\n// Left behind by Lab Guestbook 2.7.\necho 'guestbook';\n";
		file_put_contents( $uploads['basedir'] . '/guestbook-cache.php', $code );
		file_put_contents( ABSPATH . 'guestbook-agent.php', $code );
	}
);
