<?php
/*
 * Placed by wpstate for one run, under a random name, and removed by it; after 15 minutes it
 * answers nobody and may be deleted. To the holder of the run's token it proves which PHP serves
 * these files, drops this site's scripts from OPcache, also where WordPress is dead, and empties
 * its object cache without starting a plugin, or its caches of pages through the plugins themselves.
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
		if ( 'purge' === $header( 'HTTP_X_WPSTATE_ASK' ) ) {
			// The run's own freeze knows the token too, and then does all that it does for looks.
			$frozen = (string) @file_get_contents( __DIR__ . '/.maintenance' );
			return array(
				'proof'  => $proof,
				'purge'  => isset( $run['purge'] ) ? (array) $run['purge'] : array(),
				'frozen' => false !== strpos( $frozen, hash( 'sha256', $token ) ),
			);
		}
		$enabled = extension_loaded( 'Zend OPcache' ) && ini_get( 'opcache.enable' );
		$status  = $enabled && function_exists( 'opcache_get_status' ) ? @opcache_get_status( true ) : false;
		$dropped = 0;
		if ( 'flush' === $header( 'HTTP_X_WPSTATE_ASK' ) && isset( $status['scripts'] ) ) {
			// Nothing held was compiled before OPcache started: a file that is older still is the one that runs,
			// and to compile a whole WordPress anew keeps visitors waiting. No clock is trusted to the second.
			$told  = isset( $status['opcache_statistics'] ) ? $status['opcache_statistics'] : array();
			$since = isset( $told['start_time'] ) && ! ini_get( 'opcache.file_cache' ) ? max( $told['start_time'], (int) $told['last_restart_time'] ) - 600 : 0;
			foreach ( $status['scripts'] as $script ) {
				$path    = $script['full_path'];
				$written = (int) @filectime( $path );
				if ( $written && $written < $since ) {
					continue;
				}
				// Pools share OPcache: other sites' scripts are theirs. wp-config.php may lie above.
				if ( 0 === strpos( $path, __DIR__ . '/' ) || dirname( __DIR__ ) . '/wp-config.php' === $path ) {
					$dropped += opcache_invalidate( $path, true ) ? 1 : 0;
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

if ( $wpstate_run && isset( $wpstate_run['purge'] ) ) {
	// The whole site, as a visitor's request starts it: some plugins empty a web server's own cache by
	// a header of their answer, so all that they print is held until the end.
	ob_start();
	$wpstate_hook  = function ( $function, $arguments = 0 ) {
		return array(
			PHP_INT_MAX => array(
				array(
					'function'      => $function,
					'accepted_args' => $arguments,
				),
			),
		);
	};
	$wpstate_true  = function () {
		return true;
	};
	$wpstate_false = function () {
		return false;
	};
	$GLOBALS['wp_filter'] = array(
		'pre_wp_mail'                                => $wpstate_hook( $wpstate_true ),
		'wp_redirect'                                => $wpstate_hook( $wpstate_false ),
		'pre_option_recovery_mode_email_last_sent'   => $wpstate_hook( 'time' ),
	);
	if ( ! $wpstate_run['frozen'] ) {
		$GLOBALS['wp_filter'] += array(
			'enable_maintenance_mode' => $wpstate_hook( $wpstate_false ),
			'muplugins_loaded'        => $wpstate_hook( 'wp_cache_flush' ),
		);
	}
	foreach ( array( 'DISABLE_WP_CRON', 'DONOTCACHEPAGE' ) as $wpstate_name ) {
		defined( $wpstate_name ) || define( $wpstate_name, true );
	}
	require __DIR__ . '/wp-load.php';
	$wpstate_done = array();
	foreach ( $wpstate_run['purge'] as $wpstate_word ) {
		list( $wpstate_sort, $wpstate_name ) = explode( ':', $wpstate_word . ':' );
		if ( 'function' === $wpstate_sort && is_callable( $wpstate_name ) ) {
			call_user_func( $wpstate_name );
			$wpstate_done[] = $wpstate_word;
		} elseif ( 'action' === $wpstate_sort && has_action( $wpstate_name ) ) {
			do_action( $wpstate_name );
			$wpstate_done[] = $wpstate_word;
		}
	}
	while ( ob_get_level() > 1 ) {
		ob_end_clean();
	}
	ob_clean();
	http_response_code( 200 );
	header( 'Content-Type: application/json' );
	echo json_encode(
		array(
			'proof'  => $wpstate_run['proof'],
			'purged' => $wpstate_done,
		)
	);
} elseif ( $wpstate_run ) {
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
