<?php
/*
 * Placed by wpstate for one run, under a random name, and removed by it; after 15 minutes it
 * answers nobody and may be deleted. To the holder of the run's token it proves which PHP serves
 * these files, and drops this site's scripts from OPcache, also where WordPress is dead.
 *
 * The code never differs between runs; its last line, a comment, does. Runs on PHP 5.6 to 8.4.
 */
call_user_func(
	function () {
		header( 'Cache-Control: no-store' );
		$header = function ( $name ) {
			return isset( $_SERVER[ $name ] ) && is_string( $_SERVER[ $name ] ) ? $_SERVER[ $name ] : '';
		};
		$run    = preg_match_all( '/^# wpstate (\{.+\})\s*$/m', (string) file_get_contents( __FILE__ ), $lines )
			? json_decode( end( $lines[1] ), true )
			: null;
		$token  = $header( 'HTTP_X_WPSTATE_TOKEN' );
		if (
			'' === $token
			|| ! isset( $run['at'], $run['token_sha256'] )
			|| ! hash_equals( (string) $run['token_sha256'], hash( 'sha256', $token ) )
			|| abs( time() - (int) $run['at'] ) > 900
		) {
			http_response_code( 404 );
			exit;
		}

		$enabled = extension_loaded( 'Zend OPcache' ) && ini_get( 'opcache.enable' );
		$status  = $enabled && function_exists( 'opcache_get_status' ) ? @opcache_get_status( true ) : false;
		$dropped = 0;
		if ( 'flush' === $header( 'HTTP_X_WPSTATE_ASK' ) && isset( $status['scripts'] ) ) {
			foreach ( $status['scripts'] as $script ) {
				// Pools share OPcache: other sites' scripts are theirs.
				if ( 0 === strpos( $script['full_path'], __DIR__ . '/' ) ) {
					$dropped += opcache_invalidate( $script['full_path'], true ) ? 1 : 0;
				}
			}
		}
		header( 'Content-Type: application/json' );
		echo json_encode(
			array(
				'proof'   => hash_hmac( 'sha256', $header( 'HTTP_X_WPSTATE_NONCE' ), $token ),
				'root'    => hash( 'sha256', __DIR__ ),
				'php'     => PHP_VERSION,
				'sapi'    => PHP_SAPI,
				'uid'     => function_exists( 'posix_geteuid' ) ? posix_geteuid() : null,
				'dropped' => $dropped,
				'opcache' => array(
					'enabled'             => (bool) $enabled,
					'validate_timestamps' => (bool) ini_get( 'opcache.validate_timestamps' ),
					'revalidate_freq_s'   => (int) ini_get( 'opcache.revalidate_freq' ),
					'restricted'          => $enabled && false === $status,
				),
			)
		);
	}
);
