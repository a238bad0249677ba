<?php
/*
 * Plugins and themes as they lie on disk: where, under which name, in which version.
 * Comes after tree.php.
 */

/** Where packages of a kind lie, each in a folder of its name. */
function packages_dir( string $kind ): string {
	// get_theme_root() (WordPress 7.1): no constant moves themes.
	return 'themes' === $kind ? request()['content_dir'] . '/themes' : request()['plugins_dir'];
}

/** Where a package lives: its folder, or a plugin's single file. */
function package_path( string $kind, string $slug, ?string $main = null ): string {
	if ( ! preg_match( '/^[A-Za-z0-9_][A-Za-z0-9._-]*$/D', $slug ) ) {
		throw new RuntimeException( "not the name of a plugin or a theme: $slug" );
	}
	$dir = packages_dir( $kind );
	if ( 'themes' === $kind ) {
		return "$dir/$slug";
	}
	$single = null !== $main ? false === strpos( $main, '/' ) : ( ! is_dir( "$dir/$slug" ) && is_file( "$dir/$slug.php" ) );
	return $single ? "$dir/" . basename( $main ?? "$slug.php" ) : "$dir/$slug";
}

/** Version of the package at $path (folder or single file); null where there is none. */
function package_version( string $kind, string $path, ?string $main = null ): ?string {
	$files = package_files( $kind, $path );
	foreach ( $files as $file ) {
		if ( null === $main || basename( $file ) === basename( $main ) ) {
			return package_header( $file, 'Version' );
		}
	}
	return $files ? package_header( $files[0], 'Version' ) : null;
}

/** Files by which WordPress knows what lies at $path: a theme's style.css; for a plugin $path itself, or PHP right in it. */
function package_files( string $kind, string $path ): array {
	if ( 'themes' === $kind ) {
		return null === package_header( "$path/style.css", 'Theme Name' ) ? array() : array( "$path/style.css" );
	}
	$files = is_dir( $path ) ? glob( str_replace( array( '[', '*', '?' ), array( '[[]', '[*]', '[?]' ), $path ) . '/*.php' ) : array( $path );
	return array_values( array_filter( $files, static fn( $file ) => null !== package_header( $file, 'Plugin Name' ) ) );
}

/** One header field, as core's get_file_data() reads it (WordPress 7.1). */
function package_header( string $file, string $field ): ?string {
	$head = str_replace( "\r", "\n", (string) @file_get_contents( $file, false, null, 0, 8192 ) );
	$line = '/^(?:[ \t]*<\?php)?[ \t\/*#@]*' . preg_quote( $field, '/' ) . ':(.*)$/mi';
	if ( ! preg_match( $line, $head, $found ) ) {
		return null;
	}
	return trim( preg_replace( '/\s*(?:\*\/|\?>).*/', '', $found[1] ) );
}
