<?php
/*
 * Which caches' own words stand in the drop-ins of the content folder, and which of their constants
 * are set. Plugins are read by the probe itself.
 */

function wpstate_kind_caches( $ask, $place ) {
	$texts = array();
	$found = array();
	foreach ( $ask['signs'] as $name => $signs ) {
		foreach ( $signs as list( $dropin, $text ) ) {
			$file = $place['content'] . '/' . basename( $dropin );
			if ( ! isset( $texts[ $dropin ] ) ) {
				$texts[ $dropin ] = is_file( $file ) ? (string) @file_get_contents( $file, false, null, 0, 262144 ) : '';
			}
			if ( false !== strpos( $texts[ $dropin ], $text ) ) {
				$found[ $name ] = true;
			}
		}
	}
	$set = array_filter(
		$ask['constants'],
		function ( $name ) use ( $place ) {
			return ! empty( $place['constants'][ $name ] );
		}
	);
	return array( 'signs' => array_keys( $found ), 'constants' => array_values( $set ) );
}
