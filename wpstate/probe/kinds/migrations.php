<?php
/*
 * Of each plugin that migrates its data: the data's version, the one that the code on disk asks for, and
 * what the plugin put off. Comes after migrations.php.
 */

/** $ask: rows by the name of the plugin's folder. Shape: schemas/kinds/migrations.observed.schema.json. */
function wpstate_kind_migrations( $ask, $place ) {
	$link = $place['link'];
	if ( null === $link ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$query = function ( $sql ) use ( $link ) {
		return wpstate_rows( $link, $sql );
	};
	$seen  = array();
	foreach ( $ask['rows'] as $slug => $row ) {
		$folder        = is_dir( "{$place['plugins']}/$slug" ) ? "{$place['plugins']}/$slug" : $place['plugins'];
		$seen[ $slug ] = wpstate_migration( $row, $folder, $place['prefix'], $query );
	}
	return $seen;
}
