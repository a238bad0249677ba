<?php
/*
 * Which files are a language pack of WordPress itself, and where they lie. Comes after tree.php.
 */

/** Where WordPress looks for its language packs (wp_set_lang_dir(), WordPress 7.1). */
function languages_dir(): string {
	return request()['content_dir'] . '/languages';
}

/** What Language_Pack_Upgrader::clear_destination() of WordPress 7.1 counts to a locale. */
function is_language_file( string $name, string $locale ): bool {
	if ( ! preg_match( '/^[A-Za-z0-9_]+$/D', $locale ) ) {
		throw new RuntimeException( "not a locale: $locale" );
	}
	$domain = '(?:admin-|admin-network-|continents-cities-)?';
	return 1 === preg_match( "/^(?:$domain$locale\\.(?:mo|po|l10n\\.php)|$locale-[A-Za-z0-9_-]+\\.json)\$/D", $name );
}

/** Names in $dir that belong to the locale. */
function language_files( string $dir, string $locale ): array {
	$names = is_dir( $dir ) ? scandir( $dir ) : array();
	return array_values( array_filter( $names, static fn( $name ) => is_language_file( $name, $locale ) ) );
}
