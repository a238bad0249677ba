<?php
/*
 * Which files are a language pack, and where they lie. A pack goes by the path of its main catalogue
 * below the folder of languages: `fr_FR`, `plugins/akismet-fr_FR`. Comes after tree.php.
 */

/** Where WordPress looks for its language packs (wp_set_lang_dir(), WordPress 7.1). */
function languages_dir(): string {
	return request()['content_dir'] . '/languages';
}

/** Where the files of a pack lie. */
function pack_dir( string $pack ): string {
	return rtrim( languages_dir() . '/' . pack_parts( $pack )[0], '/' );
}

/** Folder (`plugins/`, `themes/` or nothing) and stem of a pack. */
function pack_parts( string $pack ): array {
	if ( ! preg_match( '~^((?:plugins|themes)/)?((?(1)[A-Za-z0-9][A-Za-z0-9._-]*-)[A-Za-z0-9_]+)$~D', $pack, $parts ) ) {
		throw new RuntimeException( "not a language pack: $pack" );
	}
	return array( $parts[1], $parts[2] );
}

/** What Language_Pack_Upgrader::clear_destination() of WordPress 7.1 counts to a pack. */
function is_language_file( string $name, string $pack ): bool {
	list( $folder, $stem ) = pack_parts( $pack );

	$domain = '' === $folder ? '(?:admin-|admin-network-|continents-cities-)?' : '';
	$stem   = preg_quote( $stem, '/' );
	return 1 === preg_match( "/^(?:$domain$stem\\.(?:mo|po|l10n\\.php)|$stem-[A-Za-z0-9_-]+\\.json)\$/D", $name );
}

/** Names in $dir that belong to the pack. */
function language_files( string $dir, string $pack ): array {
	$names = is_dir( $dir ) ? scandir( $dir ) : array();
	return array_values( array_filter( $names, static fn( $name ) => is_language_file( $name, $pack ) ) );
}
