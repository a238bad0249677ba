<?php
/*
 * What the probe reads of themes: the headers of their style.css, found as
 * search_theme_directories() finds them (WordPress 7.1.1), and which one is active. No theme runs.
 */

/** Shape: schemas/kinds/themes.observed.schema.json. Throws where the folder cannot be read. */
function wpstate_kind_themes( $ask, $place ) {
	$root  = $place['content'] . '/themes';
	$names = @scandir( $root );
	if ( false === $names ) {
		throw new RuntimeException( "cannot list $root" );
	}
	$themes = array();
	foreach ( $names as $name ) {
		if ( '.' !== $name[0] && 'CVS' !== $name && is_dir( "$root/$name" ) ) {
			foreach ( wpstate_theme_folders( $root, $name ) as $folder ) {
				$themes[] = wpstate_theme( $root, $folder );
			}
		}
	}
	$options = $place['options'];
	return array(
		'themes' => array_values( array_filter( $themes ) ),
		'active' => isset( $options['stylesheet'] ) ? $options['stylesheet'] : null,
	);
}

/** The folder itself where it is a theme, else those right in it that are. */
function wpstate_theme_folders( $root, $name ) {
	if ( file_exists( "$root/$name/style.css" ) ) {
		return array( $name );
	}
	$found = array();
	foreach ( @scandir( "$root/$name" ) ?: array() as $inner ) {
		if ( '.' !== $inner[0] && 'CVS' !== $inner && file_exists( "$root/$name/$inner/style.css" ) ) {
			$found[] = "$name/$inner";
		}
	}
	return $found;
}

function wpstate_theme( $root, $folder ) {
	$fields = array(
		'name'         => 'Theme Name',
		'version'      => 'Version',
		'parent'       => 'Template',
		'requires_wp'  => 'Requires at least',
		'requires_php' => 'Requires PHP',
	);
	$header = wpstate_headers( "$root/$folder/style.css", $fields + WPSTATE_IDENTITY );
	return null === $header ? null : array( 'folder' => $folder ) + $header;
}
