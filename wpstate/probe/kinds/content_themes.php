<?php
/*
 * The code of the active theme and of its parent: hashes, and a few files' texts. What must be there is
 * left to wpstate.resources.theme_files. Links are not followed. Comes after plugins.php.
 */

const WPSTATE_MOST_THEME_FILES = 3000;
const WPSTATE_MOST_THEME_BYTES = 41943040;
const WPSTATE_MOST_CODE_BYTES  = 2097152;
const WPSTATE_MOST_TEXT_BYTES  = 2500000;

function wpstate_content_themes( $place ) {
	$options = (array) $place['options'];
	$themes  = array();
	foreach ( array_unique( array( (string) ( $options['stylesheet'] ?? '' ), (string) ( $options['template'] ?? '' ) ) ) as $slug ) {
		$folder = wpstate_content_theme_folder( $place, $slug );
		if ( null !== $folder ) {
			$header   = wpstate_header( "$folder/style.css" );
			$themes[] = array(
				'slug'    => substr( $slug, 0, 200 ),
				'version' => null === $header ? '' : substr( $header['version'], 0, 100 ),
				'files'   => (object) wpstate_content_hashes( $folder ),
			);
		}
	}
	return $themes;
}

function wpstate_content_theme_folder( $place, $slug ) {
	$is_name = '' !== $slug && '.' !== $slug[0] && false === strpbrk( $slug, "/\\\0" );
	$folder  = $place['content'] . "/themes/$slug";
	return $is_name && is_dir( $folder ) ? $folder : null;
}

/** sha256 of each file of code by its path in the folder; empty for what cannot be read or is too large. */
function wpstate_content_hashes( $folder ) {
	$hashes = array();
	$bytes  = 0;
	foreach ( wpstate_content_code( $folder, '', 0 ) as $path ) {
		$size   = (int) @filesize( "$folder/$path" );
		$bytes += $size;
		if ( count( $hashes ) >= WPSTATE_MOST_THEME_FILES || $bytes > WPSTATE_MOST_THEME_BYTES ) {
			throw new RuntimeException( 'the theme in ' . $folder . ' is too large to be compared' );
		}
		$hashes[ $path ] = $size > WPSTATE_MOST_CODE_BYTES ? '' : (string) @hash_file( 'sha256', "$folder/$path" );
	}
	return $hashes;
}

function wpstate_content_code( $folder, $below, $depth ) {
	$found = array();
	foreach ( @scandir( "$folder/$below" ) ?: array() as $name ) {
		$path = $below . $name;
		if ( '.' === $name || '..' === $name || is_link( "$folder/$path" ) ) {
			continue;
		}
		if ( is_dir( "$folder/$path" ) ) {
			$found = $depth < 9 ? array_merge( $found, wpstate_content_code( $folder, "$path/", $depth + 1 ) ) : $found;
		} elseif ( preg_match( '/.\.(php|css|js|html|json)$/Di', $name ) && is_file( "$folder/$path" ) ) {
			$found[] = $path;
		}
	}
	return $found;
}

/** Texts of the asked files (of all where the list is empty), in parts of base64, as far as there is room. */
function wpstate_content_texts( $place, $asked ) {
	$texts = array();
	$room  = WPSTATE_MOST_TEXT_BYTES;
	foreach ( $asked as $slug => $paths ) {
		$folder = wpstate_content_theme_folder( $place, (string) $slug );
		$known  = null === $folder ? array() : wpstate_content_code( $folder, '', 0 );
		foreach ( array() === $paths ? $known : array_intersect( $known, $paths ) as $path ) {
			$text  = (string) @file_get_contents( "$folder/$path", false, null, 0, WPSTATE_MOST_CODE_BYTES );
			$room -= strlen( $text );
			if ( $room < 0 ) {
				return $texts;
			}
			$texts[] = array( 'theme' => (string) $slug, 'path' => $path, 'written_at' => max( 0, (int) @filectime( "$folder/$path" ) ), 'parts' => str_split( base64_encode( $text ), 60000 ) );
		}
	}
	return $texts;
}
