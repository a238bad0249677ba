<?php
/*
 * Which language packs are there of the asked locales, and when each was last translated, read as
 * text: a .l10n.php is not run. Where WordPress looks for them: wp_set_lang_dir(), 7.1.1.
 */

/**
 * $ask: locales, and absent: those that must not be there. Shape: schemas/kinds/languages.observed.schema.json.
 * Throws where one cannot be read.
 */
function wpstate_kind_languages( $ask, $place ) {
	$root = $place['content'] . '/languages';
	$away = array();
	foreach ( wpstate_language_packs( $root, $ask['absent'] ) as $locale => $packs ) {
		$away[ $locale ] = array_keys( (array) $packs );
	}
	return array( 'packs' => (object) wpstate_language_packs( $root, $ask['locales'] ), 'absent' => (object) $away );
}

/** Packs by locale, and by what they translate. */
function wpstate_language_packs( $root, $locales ) {
	$packs = array();
	foreach ( $locales as $locale ) {
		$packs[ $locale ] = wpstate_language_pack( "$root/$locale", 'core' );
	}
	foreach ( $locales ? array( 'plugins', 'themes' ) : array() as $kind ) {
		$names = is_dir( "$root/$kind" ) ? @scandir( "$root/$kind" ) : array();
		if ( false === $names ) {
			throw new RuntimeException( "cannot list $root/$kind" );
		}
		foreach ( $locales as $locale ) {
			$form = '/^([A-Za-z0-9][A-Za-z0-9._-]{0,127})-' . preg_quote( $locale, '/' ) . '\.(?:mo|l10n\.php)$/D';
			foreach ( preg_grep( $form, $names ) as $name ) {
				$stem              = preg_replace( '/\.(?:mo|l10n\.php)$/D', '', $name );
				$slug              = substr( $stem, 0, -strlen( "-$locale" ) );
				$packs[ $locale ] += wpstate_language_pack( "$root/$kind/$stem", "$kind.$slug" );
			}
		}
	}
	return array_map(
		static function ( $found ) {
			return (object) $found;
		},
		$packs
	);
}

/** What is there of one pack, by the path of its catalogues without their ending; nothing where WordPress would find none. */
function wpstate_language_pack( $path, $component ) {
	$php = "$path.l10n.php";
	if ( ! is_file( "$path.mo" ) && ! is_file( $php ) ) {
		return array();
	}
	$told = wpstate_language_line( "$path.po", '/PO-Revision-Date: *([^"\\\\\r\n]{1,60})/' );
	if ( null === $told ) {
		$told = wpstate_language_line( $php, '/[\'"]translation-revision-date[\'"]\s*=>\s*[\'"]([^\'"\r\n]{1,60})/' );
	}
	return array( $component => $told );
}

/** What the first bytes of a file tell, as WordPress reads them (get_file_data(), 7.1.1). */
function wpstate_language_line( $file, $form ) {
	if ( ! is_file( $file ) ) {
		return null;
	}
	$head = @file_get_contents( $file, false, null, 0, 8192 );
	if ( false === $head ) {
		throw new RuntimeException( "cannot read $file" );
	}
	return preg_match( $form, $head, $parts ) ? $parts[1] : null;
}
