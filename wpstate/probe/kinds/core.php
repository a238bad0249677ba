<?php
/*
 * Files of WordPress, or of whatever else was shipped as a zip, beside the hashes that come with the
 * question. What differs is counted, and the first few of it named. Nothing is read but to be hashed;
 * links are followed where a shipped path leads through one, and nowhere else.
 */

const WPSTATE_MOST_SHIPPED_NAMED = 30;
const WPSTATE_MOST_SHIPPED_FOUND = 50000;
const WPSTATE_MOST_SHIPPED_BYTES = 536870912;

/**
 * $ask: folders of name, folder, algorithm, files (hashes by path), below (folders that hold nothing
 * else), beside (PHP files right in it count), without, and code_alone (nothing but PHP counts). With a
 * `cache` (core_cache.php), hashes of before serve again. Shape: schemas/kinds/core.observed.schema.json.
 */
function wpstate_kind_core( $ask, $place ) {
	$cache  = isset( $ask['cache'] ) ? wpstate_cache_open( $ask['cache'], $place ) : null;
	$answer = array( 'folders' => array() );
	foreach ( $ask['folders'] as $one ) {
		$answer['folders'][] = wpstate_shipped_folder( $one, $cache );
	}
	if ( null !== $cache ) {
		$answer['cache'] = array( 'seal' => wpstate_cache_close( $cache ), 'read' => $cache->read, 'known' => $cache->known );
	}
	return $answer;
}

function wpstate_shipped_folder( $one, $cache ) {
	$folder = $one['folder'];
	$answer = array( 'name' => $one['name'], 'changed' => 0, 'added' => 0, 'missing' => 0, 'named' => array(), 'unknown' => null );
	if ( ! is_dir( $folder ) ) {
		return $one['code_alone'] && ! file_exists( $folder ) ? $answer : array( 'unknown' => 'unreadable' ) + $answer;
	}
	$bytes = 0;
	foreach ( $one['files'] as $path => $hashes ) {
		$file = "$folder/$path";
		if ( ! file_exists( $file ) && ! is_link( $file ) ) {
			wpstate_shipped_differs( $answer, 'missing', $path );
			continue;
		}
		$bytes += (int) @filesize( $file );
		if ( $bytes > WPSTATE_MOST_SHIPPED_BYTES ) {
			return array( 'unknown' => 'too_large' ) + $answer;
		}
		$hash = is_file( $file ) ? wpstate_cache_hash( $cache, $one['algorithm'], $file ) : '';
		if ( false === $hash ) {
			return array( 'unknown' => 'unreadable' ) + $answer;
		}
		if ( ! in_array( $hash, $hashes, true ) ) {
			wpstate_shipped_differs( $answer, 'changed', $path );
		}
	}
	$found = array();
	foreach ( $one['below'] as $below ) {
		if ( ! wpstate_shipped_below( $folder, '' === $below ? '' : "$below/", 0, $found, $one['code_alone'] ) ) {
			return array( 'unknown' => 'unreadable' ) + $answer;
		}
	}
	foreach ( $one['beside'] ? wpstate_php_files( $folder ) : array() as $name ) {
		$found[] = $name;
	}
	if ( count( $found ) > WPSTATE_MOST_SHIPPED_FOUND ) {
		return array( 'unknown' => 'too_large' ) + $answer;
	}
	foreach ( $found as $path ) {
		if ( ! isset( $one['files'][ $path ] ) && ! in_array( strtolower( $path ), $one['without'], true ) && ! wpstate_shipped_leads( $one['files'], $path ) ) {
			wpstate_shipped_differs( $answer, 'added', $path );
		}
	}
	return $answer;
}

/** Whether a link to a folder, ended by a slash, stands where a shipped folder was. */
function wpstate_shipped_leads( $files, $link ) {
	foreach ( '/' === substr( $link, -1 ) ? $files : array() as $path => $hashes ) {
		if ( 0 === strncmp( (string) $path, $link, strlen( $link ) ) ) {
			return true;
		}
	}
	return false;
}

function wpstate_shipped_differs( &$answer, $sort, $path ) {
	++$answer[ $sort ];
	if ( count( $answer['named'] ) < WPSTATE_MOST_SHIPPED_NAMED ) {
		$answer['named'][] = array( 'sort' => $sort, 'path' => substr( (string) $path, 0, 300 ) );
	}
}

/** Whether all of it could be listed. What is left out beyond the limits makes the count too large. */
function wpstate_shipped_below( $folder, $below, $depth, &$found, $code_alone ) {
	$names = @scandir( "$folder/$below" );
	if ( false === $names || $depth > 30 ) {
		return false;
	}
	foreach ( $names as $name ) {
		$path = $below . $name;
		if ( '.' === $name || '..' === $name || count( $found ) > WPSTATE_MOST_SHIPPED_FOUND ) {
			continue;
		}
		if ( ! is_link( "$folder/$path" ) && is_dir( "$folder/$path" ) ) {
			if ( ! wpstate_shipped_below( $folder, "$path/", $depth + 1, $found, $code_alone ) ) {
				return false;
			}
		} elseif ( ! $code_alone || wpstate_is_code( "$folder/$path" ) ) {
			$found[] = is_link( "$folder/$path" ) && is_dir( "$folder/$path" ) ? "$path/" : $path;
		}
	}
	return true;
}

/** Whether a web server may run it as PHP, `x.php.jpg` too, and there is something in it to run. */
function wpstate_is_code( $file ) {
	if ( ! preg_match( '/\.(php[0-9]?|phps|pht|phtml?|phar)(\.|$)/i', basename( $file ) ) ) {
		return false;
	}
	$text = is_file( $file ) && @filesize( $file ) < 200 ? (string) @file_get_contents( $file, false, null, 0, 200 ) : '?';
	return ! preg_match( '~^\s*(<\?php\s*((//|#)[ A-Za-z0-9.,!\'-]*)?\s*(\?>)?\s*)?\z~', $text );
}
