<?php
/*
 * Placed by wpstate for one run, under a random name, and removed by it; after 15 minutes it
 * answers nobody and may be deleted. To the holder of the run's token it proves which PHP serves
 * these files, drops this site's scripts from OPcache, also where WordPress is dead, and empties
 * its object cache without starting a plugin.
 *
 * The code never differs between runs; its last line, a comment, does. Runs on PHP 5.6 to 8.4.
 */
$wpstate_run = call_user_func(
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

		// A new look's nonce, or none: what the host itself asks needs no proof.
		$proof = hash_hmac( 'sha256', $header( 'HTTP_X_WPSTATE_NONCE' ), $token );
		if ( 'forget' === $header( 'HTTP_X_WPSTATE_ASK' ) ) {
			return array( 'proof' => $proof );
		}
		$enabled = extension_loaded( 'Zend OPcache' ) && ini_get( 'opcache.enable' );
		$status  = $enabled && function_exists( 'opcache_get_status' ) ? @opcache_get_status( true ) : false;
		$dropped = 0;
		if ( 'flush' === $header( 'HTTP_X_WPSTATE_ASK' ) && isset( $status['scripts'] ) ) {
			foreach ( $status['scripts'] as $script ) {
				// Pools share OPcache: other sites' scripts are theirs. wp-config.php may lie above.
				if ( 0 === strpos( $script['full_path'], __DIR__ . '/' ) || dirname( __DIR__ ) . '/wp-config.php' === $script['full_path'] ) {
					$dropped += opcache_invalidate( $script['full_path'], true ) ? 1 : 0;
				}
			}
		}
		header( 'Content-Type: application/json' );
		echo json_encode(
			array(
				'proof'   => $proof,
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

if ( $wpstate_run ) {
	// Asked to forget: core and the object cache's drop-in alone, no plugin and no theme, frozen or
	// not (the filter asks wp_is_maintenance_mode(), WordPress 4.6 on).
	define( 'SHORTINIT', true );
	$GLOBALS['wp_filter'] = array(
		'enable_maintenance_mode' => array(
			10 => array(
				array(
					'function'      => function () {
						return false;
					},
					'accepted_args' => 0,
				),
			),
		),
	);
	require __DIR__ . '/wp-load.php';
	header( 'Content-Type: application/json' );
	echo json_encode( $wpstate_run + array( 'forgot' => wp_cache_flush() ) );
}
