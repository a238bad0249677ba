<?php
/*
 * Looks at the sites of one account and prints one JSON document between two lines that hold the
 * request's nonce. It writes nothing and boots neither WordPress nor a plugin.
 *
 * wpstate.probe joins it with patience.php, database.php, plugins.php, folders.php, events.php, host.php, values.php,
 * config_constants.php, configs.php and, for each kind that
 * is asked, kinds/NAME.php with its function wpstate_kind_NAME( $ask, $place ), puts the request before them
 * as $wpstate_request (base64 of JSON: nonce, deadline_s, wp_config, wp_configs, sites of id, wp_path, host and ask) and
 * sends the whole to `php` by stdin. Shape of the document: schemas/observation.schema.json.
 * PHP 7.4 to 8.4, command line.
 */

/** Everything about one site; what cannot be seen is a fault, never an empty list in its place. */
function wpstate_site( $site, $request, $limit_s ) {
	$began_at = microtime( true );
	$faults   = array();
	$seen     = array(
		'id' => $site['id'], 'core' => null, 'paths' => null, 'database' => null, 'options' => null, 'plugins' => null,
		'mu_plugins' => array(), 'dropins' => array(), 'object_cache' => null, 'frozen_by' => null, 'free_bytes' => null,
		'code_bytes' => null, 'state' => null,
	);
	$wp       = realpath( $site['wp_path'] );
	if ( false !== $wp ) {
		$seen = array_merge( $seen, wpstate_files( $wp, $site, $request, $limit_s, $faults ) );
	}
	if ( null === $seen['core'] ) {
		$faults[] = array( 'code' => 'core_missing', 'detail' => 'no readable wp-includes/version.php below ' . $site['wp_path'] );
	}
	$seen['faults'] = $faults;
	$seen['took_s'] = round( microtime( true ) - $began_at, 4 );
	return $seen;
}

function wpstate_files( $wp, $site, $request, $limit_s, &$faults ) {
	wpstate_patience( false ); // Of wp-config.php there is a patience of its own.
	$config = wpstate_config( $wp, $site, $request, $limit_s, $faults );
	wpstate_patience();
	$constants = $config['constants'];
	$told      = wpstate_told_by_database( $config, $faults );
	$content   = wpstate_folder( $constants, 'WP_CONTENT_DIR', "$wp/wp-content" );
	$plugins   = wpstate_folder( $constants, 'WP_PLUGIN_DIR', "$content/plugins" );
	$uploads   = wpstate_uploads( $wp, $content, $constants, $told['options'] );
	$found     = wpstate_plugins( $plugins, $told['active'] );
	if ( null === $found ) {
		$faults[] = array( 'code' => 'plugins_unreadable', 'detail' => "cannot list $plugins" );
	}
	$state = wpstate_state_folder( $wp );
	$place = array(
		'wp' => $wp, 'config' => (string) $config['config'], 'content' => $content, 'plugins' => $plugins, 'uploads' => $uploads,
		'constants' => $constants, 'link' => $told['link'], 'prefix' => $config['table_prefix'], 'options' => $told['options'],
		'state' => $state,
	);
	return array(
		'kinds'        => wpstate_kinds( $site['ask'], $place, $faults ),
		'core'         => wpstate_core( $wp ),
		'paths'        => array(
			'wp' => $wp, 'config' => (string) $config['config'], 'content' => $content, 'plugins' => $plugins,
			'uploads' => $uploads, 'state' => $state,
		),
		'database'     => $told['database'],
		'options'      => null === $told['options'] ? null : (object) $told['options'],
		'plugins'      => $found,
		'mu_plugins'   => wpstate_php_files( wpstate_folder( $constants, 'WPMU_PLUGIN_DIR', "$content/mu-plugins" ) ),
		'dropins'      => wpstate_dropins( $content ),
		'object_cache' => wpstate_object_cache( $content ),
		'frozen_by'    => wpstate_frozen_by( $wp ),
		'multisite'    => ! empty( $constants['MULTISITE'] ),
		'host'         => wpstate_host( $wp, (string) $config['config'], $content, $plugins, $found, $constants ),
		'free_bytes'   => wpstate_free_bytes( wpstate_home() ),
		'code_bytes'   => wpstate_site_bytes( $wp, $content, $plugins, array( $uploads, dirname( $state ) ), 2 ),
		'state'        => wpstate_state( $state, $faults ),
		'fingerprint'  => wpstate_fingerprint( $state ),
		'events'       => wpstate_events( $place, $found, count( $request['sites'] ) ),
	);
}

/**
 * The kinds' answers about one site. A kind that cannot look throws; that is a fault and no answer.
 * $place: wp, config, content, plugins, uploads (folders), constants, link (mysqli or null where the
 * database cannot be asked), prefix, options (those that the probe reads anyway), state (the site's
 * state folder, which may not be there yet).
 */
function wpstate_kinds( $ask, $place, &$faults ) {
	$answers = array();
	foreach ( $ask as $kind => $question ) {
		wpstate_patience();
		try {
			$answers[ $kind ] = (object) ( 'wpstate_kind_' . $kind )( $question, $place );
		} catch ( Throwable $error ) {
			$faults[] = array( 'code' => 'kind_unseen', 'detail' => "$kind: " . $error->getMessage() );
		}
	}
	wpstate_patience();
	return (object) $answers;
}

/** A folder that a constant may name, with links resolved where it is there. */
function wpstate_folder( $constants, $name, $otherwise ) {
	$folder = isset( $constants[ $name ] ) ? rtrim( (string) $constants[ $name ], '/' ) : $otherwise;
	return realpath( $folder ) ?: $folder;
}

/** As _wp_upload_dir() chooses it (WordPress 7.1.1), for a site that is no network. */
function wpstate_uploads( $wp, $content, $constants, $options ) {
	$path = isset( $options['upload_path'] ) ? trim( $options['upload_path'] ) : '';
	if ( isset( $constants['UPLOADS'] ) ) {
		$uploads = $wp . '/' . $constants['UPLOADS'];
	} elseif ( '' === $path || 'wp-content/uploads' === $path ) {
		$uploads = "$content/uploads";
	} else {
		$uploads = '/' === $path[0] ? $path : "$wp/$path";
	}
	return realpath( $uploads ) ?: rtrim( $uploads, '/' );
}

function wpstate_free_bytes( $folder ) {
	$free = @disk_free_space( $folder );
	return false === $free ? null : (int) $free;
}

function wpstate_told_by_database( $config, &$faults ) {
	$nothing = array( 'database' => null, 'options' => null, 'active' => null, 'link' => null );
	$prefix  = $config['table_prefix'];
	if ( null !== $config['fault'] ) {
		return $nothing;
	}
	// wpdb::set_prefix (WordPress 7.1.1) takes no other characters.
	if ( ! is_string( $prefix ) || ! preg_match( '/^[A-Za-z0-9_]{1,64}$/D', $prefix ) ) {
		$faults[] = array( 'code' => 'wp_config_exit', 'detail' => 'wp-config.php sets no usable $table_prefix' );
		return $nothing;
	}
	list( $link, $why ) = wpstate_connect( $config['constants'] );
	if ( null === $link ) {
		$faults[] = array( 'code' => 'database_down', 'detail' => $why );
		return $nothing;
	}
	$options = wpstate_options( $link, $prefix );
	$tables  = null === $options ? null : wpstate_tables( $link, $prefix, ! empty( $config['constants']['MULTISITE'] ) );
	if ( null === $tables ) {
		$faults[] = array( 'code' => 'tables_missing', 'detail' => 'error ' . $link->errno . ': ' . $link->error );
		return $nothing;
	}
	foreach ( wpstate_missing_tables( $link, $prefix, $config['constants'] ) as $table ) {
		$faults[] = array( 'code' => 'tables_missing', 'detail' => "the table $table is missing" );
	}
	$active = wpstate_active_plugins( $link, $prefix, $config['constants'], $options );
	unset( $options['active_plugins'] );
	foreach ( array( 'home' => 'WP_HOME', 'siteurl' => 'WP_SITEURL' ) as $option => $constant ) {
		if ( isset( $config['constants'][ $constant ] ) ) {
			$options[ $option ] = (string) $config['constants'][ $constant ];
		}
	}
	if ( ! isset( $options['WPLANG'] ) && isset( $config['constants']['WPLANG'] ) ) {
		$options['WPLANG'] = (string) $config['constants']['WPLANG'];
	}
	return array(
		'database' => array(
			'prefix' => $prefix, 'name' => (string) $config['constants']['DB_NAME'], 'table_count' => $tables['count'],
			'size_bytes' => $tables['size_bytes'], 'large_tables' => $tables['large'], 'foreign_tables' => $tables['foreign'],
			'server_version' => $link->server_info,
		),
		'options'  => $options,
		'active'   => $active,
		'link'     => $link,
	);
}

/** The document for all sites of the request, those whose wp-config.php hangs after all others. */
function wpstate_document( $request ) {
	$until = microtime( true ) + $request['deadline_s'];
	$sites = array();
	$left  = $request['sites'];
	foreach ( count( $left ) > 1 ? WPSTATE_PATIENCE_S : array( WPSTATE_PATIENCE_S[2] ) as $limit_s ) {
		$aside = array();
		foreach ( $left as $site ) {
			if ( microtime( true ) > $until ) {
				break 2; // The controller reports the sites that are not in the answer.
			}
			try {
				wpstate_patience( $until, count( $request['sites'] ) - count( $sites ) - 1 );
				$seen = wpstate_site( $site, $request, $limit_s );
				wpstate_patience( null );
				$sites[] = $seen;
			} catch ( Wpstate_Aside $later ) {
				$aside[] = $site;
			} catch ( Wpstate_Late $late ) {
				$sites[] = array( 'id' => $site['id'], 'faults' => array( array( 'code' => 'timeout', 'detail' => 'looking at the site: ' . $late->getMessage() ) ) );
			} catch ( Throwable $error ) {
				$sites[] = array(
					'id'     => $site['id'],
					'faults' => array( array( 'code' => 'probe_failed', 'detail' => get_class( $error ) . ' on line ' . $error->getLine() . ': ' . $error->getMessage() ) ),
				);
			}
			wpstate_patience( null );
		}
		$left = $aside;
	}
	wpstate_config_among( null, $request );
	return array( 'format' => 1, 'php' => PHP_VERSION, 'sites' => $sites );
}

$wpstate_request = json_decode( base64_decode( $wpstate_request ), true );
if ( ! extension_loaded( 'mysqli' ) || PHP_VERSION_ID < 70400 ) {
	file_put_contents( 'php://stderr', 'wpstate: ' . PHP_BINARY . ' is PHP ' . PHP_VERSION . ( extension_loaded( 'mysqli' ) ? '' : ' without mysqli' ) . "\n" );
	exit( 78 );
}
$wpstate_text = json_encode( wpstate_document( $wpstate_request ), JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES );
$wpstate_line = 'wpstate-' . $wpstate_request['nonce'];
echo "\n$wpstate_line begin " . strlen( $wpstate_text ) . "\n$wpstate_text\n$wpstate_line end\n";
