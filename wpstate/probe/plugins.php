<?php
/*
 * What the probe reads of plugins: their headers, found as get_plugins() finds them and cut out as
 * get_file_data() does (WordPress 7.1.1), and drop-ins. No plugin's code runs.
 */

/** Headers that tell who a component is; wpstate.resources.identity judges them. */
const WPSTATE_IDENTITY = array(
	'author'      => 'Author',
	'text_domain' => 'Text Domain',
	'update_uri'  => 'Update URI',
);
/** In bytes: more than is ever compared, and no more than that of thousands of components. */
const WPSTATE_LONGEST_IDENTITY = 1000;

/** Every plugin below a folder, sorted by main file. Null where the folder cannot be read. */
function wpstate_plugins( $folder, $active ) {
	$names = @scandir( $folder );
	if ( false === $names ) {
		return null;
	}
	$plugins = array();
	foreach ( $names as $name ) {
		if ( '.' === $name[0] ) {
			continue;
		}
		foreach ( is_dir( "$folder/$name" ) ? wpstate_php_files( "$folder/$name", "$name/" ) : array( $name ) as $file ) {
			$header = '.php' === substr( $file, -4 ) ? wpstate_header( "$folder/$file" ) : null;
			if ( null !== $header && '' !== $header['name'] ) {
				$plugins[] = array( 'file' => $file, 'active' => null === $active ? null : in_array( $file, $active, true ) ) + $header;
			}
		}
	}
	return $plugins;
}

/** Names of the PHP files that lie in a folder itself. */
function wpstate_php_files( $folder, $before = '' ) {
	$files = array();
	foreach ( @scandir( $folder ) ?: array() as $name ) {
		if ( '.' !== $name[0] && '.php' === substr( $name, -4 ) ) {
			$files[] = $before . $name;
		}
	}
	return $files;
}

/** A plugin's header fields that we use, or null where the file cannot be read. */
function wpstate_header( $file ) {
	$fields = array(
		'name'         => 'Plugin Name',
		'version'      => 'Version',
		'requires_wp'  => 'Requires at least',
		'requires_php' => 'Requires PHP',
	);
	return wpstate_headers( $file, $fields + WPSTATE_IDENTITY );
}

/** These header fields of a file by our names for them, or null where it cannot be read. */
function wpstate_headers( $file, $fields ) {
	$text = is_readable( $file ) && is_file( $file ) ? @file_get_contents( $file, false, null, 0, 8192 ) : false;
	if ( false === $text ) {
		return null;
	}
	$text = str_replace( "\r", "\n", $text );
	foreach ( $fields as $key => $field ) {
		$found          = preg_match( '/^(?:[ \t]*<\?(?:php)?)?[ \t\/*#@]*' . preg_quote( $field, '/' ) . ':(.*)$/mi', $text, $match );
		$fields[ $key ] = $found ? trim( preg_replace( '/\s*(?:\*\/|\?>).*/', '', $match[1] ) ) : '';
		if ( isset( WPSTATE_IDENTITY[ $key ] ) ) {
			$fields[ $key ] = substr( $fields[ $key ], 0, WPSTATE_LONGEST_IDENTITY );
		}
	}
	return $fields;
}

/** Names of drop-ins that core loads from the content folder, where they are there. */
function wpstate_dropins( $content ) {
	$names = array( 'advanced-cache.php', 'db.php', 'db-error.php', 'install.php', 'maintenance.php', 'object-cache.php', 'php-error.php', 'fatal-error-handler.php', 'sunrise.php' );
	return array_values(
		array_filter(
			$names,
			function ( $name ) use ( $content ) {
				return is_file( "$content/$name" );
			}
		)
	);
}

/** Which store an object-cache.php speaks to, by the words in it; null without one. */
function wpstate_object_cache( $content ) {
	if ( ! is_file( "$content/object-cache.php" ) ) {
		return null;
	}
	$text = (string) @file_get_contents( "$content/object-cache.php", false, null, 0, 262144 );
	foreach ( array( 'redis', 'memcached', 'memcache', 'apcu', 'litespeed', 'sqlite' ) as $store ) {
		if ( false !== stripos( $text, $store ) ) {
			return $store;
		}
	}
	return 'other';
}
