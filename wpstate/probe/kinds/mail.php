<?php
/*
 * Whether our mu-plugin lies where WordPress loads it, and with which bytes.
 */

function wpstate_kind_mail( $ask, $place ) {
	$folder = wpstate_folder( $place['constants'], 'WPMU_PLUGIN_DIR', $place['content'] . '/mu-plugins' );
	$file   = $folder . '/' . basename( $ask['file'] );
	return array( 'folder' => $folder, 'sha256' => is_file( $file ) ? (string) @hash_file( 'sha256', $file ) : null );
}
