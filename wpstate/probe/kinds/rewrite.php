<?php
/*
 * How WordPress builds addresses, and whether it keeps rules of its own in .htaccess.
 */

function wpstate_kind_rewrite( $ask, $place ) {
	if ( null === $place['link'] ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$rows = wpstate_rows(
		$place['link'],
		"SELECT option_name, LEFT(option_value, 1000) FROM `{$place['prefix']}options` WHERE option_name IN ('permalink_structure', 'category_base', 'tag_base')"
	);
	if ( null === $rows ) {
		throw new RuntimeException( 'the options cannot be read' );
	}
	$options = array_column( $rows, 1, 0 );
	$file    = $place['wp'] . '/.htaccess';
	// Where core lies in a folder of its own, its rules lie in another .htaccess: WordPress's own affair.
	$home  = isset( $place['options']['home'] ) ? rtrim( $place['options']['home'], '/' ) : '';
	$alike = isset( $place['options']['siteurl'] ) && rtrim( $place['options']['siteurl'], '/' ) === $home;
	$text  = $alike && is_file( $file ) ? (string) @file_get_contents( $file, false, null, 0, 1048576 ) : '';
	return array(
		'structure'     => isset( $options['permalink_structure'] ) ? $options['permalink_structure'] : '',
		'category_base' => isset( $options['category_base'] ) ? $options['category_base'] : '',
		'tag_base'      => isset( $options['tag_base'] ) ? $options['tag_base'] : '',
		'block'         => (bool) preg_match( '/^# BEGIN WordPress\s*$/m', $text ),
		'writable'      => ! is_link( $file ) && is_writable( $file ),
	);
}
