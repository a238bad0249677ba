<?php
/*
 * What the probe reads of drop-ins: which of those that WordPress knows are there, and the sha256 of
 * each. None of them runs.
 */

/** Shape: schemas/kinds/dropins.observed.schema.json. Throws where one cannot be read. */
function wpstate_kind_dropins( $ask, $place ) {
	$folder = $place['content'];
	$files  = array();
	foreach ( wpstate_dropins( $folder ) as $name ) {
		$hash = @hash_file( 'sha256', "$folder/$name" );
		if ( false === $hash ) {
			throw new RuntimeException( "cannot read $folder/$name" );
		}
		$files[] = array( 'name' => $name, 'sha256' => $hash, 'link' => is_link( "$folder/$name" ) );
	}
	return array( 'folder' => $folder, 'link' => false, 'files' => $files );
}
