<?php
/*
 * This site is frozen for a few minutes while wpstate changes it.
 *
 * WordPress includes this file before plugins and drop-ins, twice in a request: at its start and
 * in its fatal error handler. Visitors get 503, commands on the host end with exit code 75. Whoever
 * holds the run's secret token sees the site as it is. WordPress ignores the file once it is ten minutes old; it may then be deleted.
 *
 * The code never differs between runs, because OPcache may keep it compiled for ever. What
 * differs is the last line, a comment, read from the disk each time. Runs on PHP 5.6 to 8.4.
 */
global $upgrading;

$upgrading = call_user_func(
	function () {
		$freeze = preg_match_all( '/^# wpstate (\{.+\})\s*$/m', (string) file_get_contents( __FILE__ ), $lines )
			? json_decode( end( $lines[1] ), true )
			: null;
		// A string: with an integer, core lets through who knows the time (its fatal error scrape).
		$for_visitors = isset( $freeze['at'] ) ? (string) $freeze['at'] : (string) filemtime( __FILE__ );
		$header       = function ( $name ) {
			return isset( $_SERVER[ $name ] ) && is_string( $_SERVER[ $name ] ) ? $_SERVER[ $name ] : '';
		};
		$token        = $header( 'HTTP_X_WPSTATE_TOKEN' );
		$known        = isset( $freeze['token_sha256'] ) ? (string) $freeze['token_sha256'] : '';
		if ( '' === $token || ! hash_equals( $known, hash( 'sha256', $token ) ) ) {
			if ( isset( $freeze['manner'] ) ) {
				// Visitors may meet an error that is put back: of all mail, core's own about it alone is not
				// sent. It believes that one was sent today (WP_Recovery_Mode_Email_Service).
				if ( function_exists( 'add_filter' ) ) {
					add_filter( 'pre_option_recovery_mode_email_last_sent', 'time', PHP_INT_MAX, 0 );
				}
				// `freeze: off` lets visitors in; a holding page stays until a later run ends it.
				return 'open' === $freeze['manner'] ? 0 : (string) time();
			}
			// WP-CLI includes this file and then goes on (its Runner's hook on enable_maintenance_mode,
			// 2.12): a command, or a cron job run by it, would write into the frozen site.
			// One that was begun before the freeze is asked again at its end (core's fatal error handler is
			// its first shutdown function): its work is done, and what follows there must not be cut off.
			$begun = function_exists( 'did_action' ) && did_action( 'muplugins_loaded' );
			if ( ( 'cli' === PHP_SAPI || defined( 'WP_CLI' ) ) && ! $begun && time() - (int) $for_visitors < 600 ) {
				file_put_contents( 'php://stderr', "wpstate is changing this site: try again in a few minutes.\n" );
				exit( 75 ); // EX_TEMPFAIL of sysexits.h
			}
			return $for_visitors;
		}
		if ( defined( 'WPSTATE_TOKEN_HELD' ) ) {
			return 0;
		}
		define( 'WPSTATE_TOKEN_HELD', true );
		foreach ( array( 'DISABLE_WP_CRON', 'DONOTCACHEPAGE' ) as $name ) {
			defined( $name ) || define( $name, true );
		}
		if ( 'cli' === PHP_SAPI || ! function_exists( 'add_filter' ) ) {
			return 0;
		}

		/*
		 * OPcache: the answer counts only if this site's scripts run as their files are. Drop a
		 * script held with another time than its file's; as OPcache may keep no times, drop all once
		 * something was swapped in a folder of code after the last drop (the time of this very file,
		 * which another user's pool cannot set: there only the scripts' own times count). But nothing held
		 * was compiled before OPcache started: a file that is older still is the one that runs, and to
		 * compile a whole WordPress anew keeps visitors waiting. No clock is trusted to the second.
		 */
		$content = defined( 'WP_CONTENT_DIR' ) ? realpath( WP_CONTENT_DIR ) : __DIR__ . '/wp-content';
		$plugins = defined( 'WP_PLUGIN_DIR' ) ? realpath( WP_PLUGIN_DIR ) : $content . '/plugins';
		$folders = array(
			__DIR__ . '/wp-includes',
			__DIR__ . '/wp-admin',
			$plugins,
			$content . '/mu-plugins',
			$content . '/themes',
		);
		$changed = 0;
		foreach ( array_filter( $folders, 'is_dir' ) as $folder ) {
			$changed = max( $changed, filemtime( $folder ), filectime( $folder ) );
		}
		$flush    = in_array( $header( 'HTTP_X_WPSTATE_ASK' ), array( 'flush', 'purge', 'forget' ), true );
		$settable = is_writable( __FILE__ );
		$all      = $flush || ( $settable && $changed >= filemtime( __FILE__ ) );
		$stale    = 0;
		// Times are whole seconds: drop in a later one than the change, or drop for ever. A file's time may
		// lag behind by a tick of the kernel's.
		$early_s = $changed + 1.02 - microtime( true );
		if ( $all && $early_s > 0 ) {
			usleep( (int) ( min( $early_s, 1.02 ) * 1e6 ) );
		}
		if ( extension_loaded( 'Zend OPcache' ) && ini_get( 'opcache.enable' ) ) {
			$status = function_exists( 'opcache_get_status' ) ? @opcache_get_status( true ) : false;
			$known  = false !== $status && ( $settable || ini_get( 'opcache.validate_timestamps' ) );
			$told   = isset( $status['opcache_statistics'] ) ? $status['opcache_statistics'] : array();
			$since  = isset( $told['start_time'] ) && ! ini_get( 'opcache.file_cache' ) ? max( $told['start_time'], (int) $told['last_restart_time'] ) - 600 : 0;
			foreach ( isset( $status['scripts'] ) ? $status['scripts'] : array() as $script ) {
				$path    = $script['full_path'];
				$written = (int) @filectime( $path );
				$ours    = 0 === strpos( $path, __DIR__ . '/' ) || 0 === strpos( $path, $content . '/' )
					|| 0 === strpos( $path, $plugins . '/' );
				// No time is kept for what was dropped and not run since.
				$old     = ! empty( $script['timestamp'] ) && @filemtime( $path ) !== $script['timestamp'];
				if ( $ours && ( $old || ( $all && ( ! $written || $written >= $since ) ) ) ) {
					++$stale;
					opcache_invalidate( $path, true );
				}
			}
			if ( ! $known ) {
				$stale = -1; // Unknown is not fresh.
			} elseif ( $all && $settable ) {
				touch( __FILE__ );
			}
		}

		header( 'Cache-Control: no-store' );
		header( 'X-Wpstate-Proof: ' . hash_hmac( 'sha256', $header( 'HTTP_X_WPSTATE_NONCE' ) . "\n" . $stale, $token ) );
		header( 'X-Wpstate-Stale: ' . $stale );

		// A look sends no mail: above all not core's "technical issue", about a version that is put back.
		add_filter( 'pre_wp_mail', '__return_true', PHP_INT_MAX );
		// A plugin's own wp_mail() asks no filter; core mails once a day (WP_Recovery_Mode_Email_Service).
		add_filter( 'pre_option_recovery_mode_email_last_sent', 'time', PHP_INT_MAX, 0 );
		if ( $flush ) {
			add_action( 'muplugins_loaded', 'wp_cache_flush', PHP_INT_MAX );
		}
		if ( 'admin' !== $header( 'HTTP_X_WPSTATE_EYES' ) ) {
			return 0;
		}

		// An administrator for this request only: sessions live in memory, the database is only read.
		add_filter(
			'session_token_manager',
			function () {
				if ( ! class_exists( 'Wpstate_Sessions', false ) ) {
					class Wpstate_Sessions extends WP_Session_Tokens {
						private static $kept = array();

						protected function get_sessions() {
							return self::$kept;
						}

						protected function get_session( $verifier ) {
							return isset( self::$kept[ $verifier ] ) ? self::$kept[ $verifier ] : null;
						}

						protected function update_session( $verifier, $session = null ) {
							self::$kept[ $verifier ] = $session;
						}

						protected function destroy_other_sessions( $verifier ) {
							self::$kept = array_intersect_key( self::$kept, array( $verifier => true ) );
						}

						protected function destroy_all_sessions() {
							self::$kept = array();
						}
					}
				}
				return 'Wpstate_Sessions';
			},
			PHP_INT_MAX
		);
		add_action(
			'plugins_loaded',
			function () {
				global $wpdb;
				$id = (int) $wpdb->get_var(
					$wpdb->prepare(
						"SELECT user_id FROM $wpdb->usermeta WHERE meta_key = %s AND meta_value LIKE %s ORDER BY user_id LIMIT 1",
						$wpdb->prefix . 'capabilities',
						'%"administrator";b:1;%'
					)
				);
				if ( ! $id ) {
					return;
				}
				$until   = time() + 300;
				$session = WP_Session_Tokens::get_instance( $id )->create( $until );
				$schemes = array(
					AUTH_COOKIE        => 'auth',
					SECURE_AUTH_COOKIE => 'secure_auth',
					LOGGED_IN_COOKIE   => 'logged_in',
				);
				foreach ( $schemes as $cookie => $scheme ) {
					$_COOKIE[ $cookie ] = wp_generate_auth_cookie( $id, $until, $scheme, $session );
				}
			},
			-PHP_INT_MAX
		);
		return 0;
	}
);
