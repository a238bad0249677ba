<?php
/*
 * Single values as kinds tell them: type, and the value as JSON; of arrays, objects and long texts only
 * the size and the hash. What a value means is left to wpstate.resources.
 */

const WPSTATE_LONGEST_VALUE = 4096;

function wpstate_value( $value ) {
	if ( is_array( $value ) || is_object( $value ) ) {
		return array( 'type' => is_array( $value ) ? 'array' : 'object' ) + wpstate_digest( serialize( $value ) );
	}
	if ( is_string( $value ) && ( strlen( $value ) > WPSTATE_LONGEST_VALUE || ! preg_match( '//u', $value ) ) ) {
		return array( 'type' => 'text' ) + wpstate_digest( $value );
	}
	$types = array( 'integer' => 'integer', 'double' => 'number', 'boolean' => 'boolean', 'NULL' => 'null', 'string' => 'text' );
	ini_set( 'serialize_precision', '-1' );
	// `##` never leaves as such: whoever makes it visible would break the JSON.
	$json = str_replace( '#', '\u0023', json_encode( $value, JSON_PRESERVE_ZERO_FRACTION ) );
	return array( 'type' => $types[ gettype( $value ) ], 'json' => $json );
}

function wpstate_digest( $text ) {
	return array( 'size' => strlen( $text ), 'sha256' => hash( 'sha256', $text ) );
}
