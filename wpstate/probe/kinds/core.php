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
 * else), beside (PHP files right in it count) and without. Shape: schemas/kinds/core.observed.schema.json.
 */
function wpstate_kind_core( $ask, $place ) {
	return array( 'folders' => array_map( 'wpstate_shipped_folder', $ask['folders'] ) );
}

function wpstate_shipped_folder( $one ) {
	$folder = $one['folder'];
	$answer = array( 'name' => $one['name'], 'changed' => 0, 'added' => 0, 'missing' => 0, 'named' => array(), 'unknown' => null );
	if ( ! is_dir( $folder ) ) {
		return array( 'unknown' => 'unreadable' ) + $answer;
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
		$hash = is_file( $file ) ? @hash_file( $one['algorithm'], $file ) : '';
		if ( false === $hash ) {
			return array( 'unknown' => 'unreadable' ) + $answer;
		}
		if ( ! in_array( $hash, $hashes, true ) ) {
			wpstate_shipped_differs( $answer, 'changed', $path );
		}
	}
	$found = array();
	foreach ( $one['below'] as $below ) {
		if ( ! wpstate_shipped_below( $folder, '' === $below ? '' : "$below/", 0, $found ) ) {
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
function wpstate_shipped_below( $folder, $below, $depth, &$found ) {
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
			if ( ! wpstate_shipped_below( $folder, "$path/", $depth + 1, $found ) ) {
				return false;
			}
		} else {
			$found[] = is_link( "$folder/$path" ) && is_dir( "$folder/$path" ) ? "$path/" : $path;
		}
	}
	return true;
}
