<?php
/*
 * What the probe reads of must-use plugins: which PHP lies right in their folder, as wp_get_mu_plugins()
 * finds it (WordPress 7.1.1), and the sha256 of each. None of it runs.
 */

/** Shape: schemas/kinds/mu_plugins.observed.schema.json. Throws where the folder cannot be read. */
function wpstate_kind_mu_plugins( $ask, $place ) {
	$folder = wpstate_folder( $place['constants'], 'WPMU_PLUGIN_DIR', $place['content'] . '/mu-plugins' );
	$files  = array();
	if ( is_dir( $folder ) && false === @scandir( $folder ) ) {
		throw new RuntimeException( "cannot list $folder" );
	}
	foreach ( wpstate_php_files( $folder ) as $name ) {
		$hash = is_file( "$folder/$name" ) ? @hash_file( 'sha256', "$folder/$name" ) : false;
		if ( false === $hash ) {
			throw new RuntimeException( "cannot read $folder/$name" );
		}
		$files[] = array( 'name' => $name, 'sha256' => $hash, 'link' => is_link( "$folder/$name" ) );
	}
	return array( 'folder' => $folder, 'link' => is_link( $place['content'] . '/mu-plugins' ), 'files' => array_slice( $files, 0, 500 ) );
}
