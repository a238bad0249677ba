<?php
/*
 * What the probe reads of the site's files, plugins aside: versions, maintenance, sizes, and what
 * wpstate left in its state folder.
 */

/** Core's version, database version and shipped locale, read as text: version.php is not run. */
function wpstate_core( $wp ) {
	$text = @file_get_contents( "$wp/wp-includes/version.php", false, null, 0, 65536 );
	if ( false === $text || ! preg_match( '/^\s*\$wp_version\s*=\s*[\'"]([^\'"]+)[\'"]\s*;/m', $text, $version ) ) {
		return null;
	}
	$has_database = preg_match( '/^\s*\$wp_db_version\s*=\s*(\d{1,9})\s*;/m', $text, $database );
	$has_locale   = preg_match( '/^\s*\$wp_local_package\s*=\s*[\'"]([^\'"]+)[\'"]\s*;/m', $text, $locale );
	return array(
		'version'    => $version[1],
		'db_version' => $has_database ? (int) $database[1] : null,
		'locale'     => $has_locale ? $locale[1] : null,
	);
}

/** Whose `.maintenance` is in force: wpstate's, somebody else's, or null. It is not run. */
function wpstate_frozen_by( $wp ) {
	$text = is_file( "$wp/.maintenance" ) ? (string) @file_get_contents( "$wp/.maintenance", false, null, 0, 65536 ) : '';
	if ( '' === $text ) {
		return null;
	}
	$ours = preg_match( '/^# wpstate \{"at":\s*(\d{1,12})\b/m', $text, $at );
	if ( ! $ours && ! preg_match( '/\$upgrading\s*=\s*[\'"]?(\d{1,12})\b/', $text, $at ) ) {
		return 'foreign'; // Computed, `time()` for one: in force for ever.
	}
	// wp_is_maintenance_mode (WordPress 7.1.1): ten minutes.
	if ( time() - (int) $at[1] >= 600 ) {
		return null;
	}
	return $ours ? 'wpstate' : 'foreign';
}

/** Bytes of a site's code; null where counting took longer than $limit_s. */
function wpstate_site_bytes( $wp, $content, $plugins, $without, $limit_s ) {
	$until    = microtime( true ) + $limit_s;
	$packages = array_merge( array( "$wp/wp-admin", "$wp/wp-includes" ), wpstate_subfolders( $plugins ), wpstate_subfolders( "$content/themes" ) );
	$counted  = array_map(
		function ( $folder ) use ( $until ) {
			return wpstate_package_bytes( $folder, $until - microtime( true ) );
		},
		$packages
	);
	$counted[] = wpstate_code_bytes( array( $wp, $content, $plugins ), array_merge( $without, $packages ), $until - microtime( true ) );
	return in_array( null, $counted, true ) ? null : array_sum( $counted );
}

/**
 * Of a folder that came as a package: counted once in an account for all that look alike by their name, the
 * names in them and the sizes of some of these. Where a site keeps most of its files, ten sites cost little more
 * than one; it is for estimates.
 */
function wpstate_package_bytes( $folder, $limit_s ) {
	static $known = array();
	$names = @scandir( $folder ) ?: array();
	$alike = array( basename( $folder ), $names );
	foreach ( array_slice( $names, -8 ) as $name ) {
		$alike[] = is_link( "$folder/$name" ) || is_dir( "$folder/$name" ) ? null : @filesize( "$folder/$name" );
	}
	$alike = json_encode( $alike );
	if ( false === $alike || ! isset( $known[ $alike ] ) ) {
		$known[ (string) $alike ] = wpstate_code_bytes( array( $folder ), array(), $limit_s );
	}
	return $known[ (string) $alike ];
}

function wpstate_subfolders( $folder ) {
	return array_filter(
		glob( "$folder/*", GLOB_ONLYDIR | GLOB_NOSORT ) ?: array(),
		function ( $path ) {
			return ! is_link( $path );
		}
	);
}

/** Bytes of files below the given folders, uploads and our own state left out; null after $limit_s. */
function wpstate_code_bytes( $folders, $without, $limit_s ) {
	$until   = microtime( true ) + $limit_s;
	$bytes   = 0;
	$folders = array_filter(
		array_unique( $folders ),
		function ( $folder ) use ( $folders ) {
			foreach ( $folders as $other ) {
				if ( $folder !== $other && 0 === strpos( $folder, "$other/" ) ) {
					return false; // Its bytes are among the other's.
				}
			}
			return true;
		}
	);
	while ( null !== ( $folder = array_pop( $folders ) ) ) {
		foreach ( @scandir( $folder ) ?: array() as $name ) {
			$path = "$folder/$name";
			$stat = '.' === $name || '..' === $name ? false : @lstat( $path );
			if ( false === $stat ) {
				continue;
			}
			if ( 0040000 !== ( $stat['mode'] & 0170000 ) ) {
				$bytes += $stat['size'];
			} elseif ( ! in_array( $path, $without, true ) ) {
				$folders[] = $path;
			}
		}
		if ( microtime( true ) > $until ) {
			return null;
		}
	}
	return $bytes;
}

/** Path of the state folder of a site, as safetynet/state_folder.sh finds it. */
function wpstate_state_folder( $wp ) {
	$home   = rtrim( realpath( wpstate_home() ) ?: wpstate_home(), '/' );
	$key    = substr( hash( 'sha256', $wp ), 0, 16 );
	$hidden = is_link( "$home/.wpstate-$key" ) ? (string) readlink( "$home/.wpstate-$key" ) : '';
	return preg_match( '/^[0-9a-f]{32}\z/', $hidden ) ? "$home/.wpstate-$hidden" : "$home/.wpstate/$key";
}

function wpstate_home() {
	$home = getenv( 'HOME' );
	if ( ! $home && function_exists( 'posix_getpwuid' ) ) {
		$owner = posix_getpwuid( posix_geteuid() );
		$home  = isset( $owner['dir'] ) ? $owner['dir'] : '';
	}
	return $home ? $home : '/';
}

/** Which machine this is and which folder: a copy of a state folder is on another one, or another one. */
function wpstate_fingerprint( $folder ) {
	$machine = trim( (string) @file_get_contents( '/etc/machine-id', false, null, 0, 64 ) );
	$inode   = @fileinode( $folder );
	return array( 'host' => substr( hash( 'sha256', 'wpstate ' . ( '' === $machine ? php_uname( 'n' ) : $machine ) ), 0, 16 ), 'folder' => false === $inode ? null : $inode );
}

/** What the last confirmed run left. A record that is there and cannot be read adds a fault. */
function wpstate_state( $folder, &$faults ) {
	$used = array();
	foreach ( @scandir( "$folder/used" ) ?: array() as $name ) {
		if ( '.' !== $name[0] ) {
			$used[] = $name;
		}
	}
	return array(
		'applied'    => wpstate_record( "$folder/applied.json", $faults ),
		'used'       => array_slice( $used, -10000 ),
		'quarantine' => wpstate_record( "$folder/quarantine.json", $faults ),
		'locked'     => is_dir( "$folder/lock" ),
	);
}

function wpstate_record( $file, &$faults ) {
	if ( ! file_exists( $file ) ) {
		return null;
	}
	$record = json_decode( (string) @file_get_contents( $file, false, null, 0, 4194304 ), false, 16 );
	if ( ! is_object( $record ) ) {
		$faults[] = array( 'code' => 'state_damaged', 'detail' => $file . ' cannot be read as JSON' );
		return null;
	}
	return $record;
}
