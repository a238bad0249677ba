<?php
/*
 * Options by their names, and leaves of those that are arrays, read with SELECTs alone. No object is
 * born of what is serialized. Of one that is to be a secret nothing is told but whether it is. What a value means is left to wpstate.resources.options.
 */

const WPSTATE_LONGEST_OPTION = 1048576;
const WPSTATE_MOST_ITEMS     = 200;
const WPSTATE_LONGEST_LIST   = 16384;

function wpstate_kind_options( $ask, $place ) {
	if ( null === $place['link'] ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$raw   = wpstate_raw_options( $place['link'], $place['prefix'], array_unique( array_column( $ask['options'], 'option' ) ) );
	$found = array();
	foreach ( $ask['options'] as $one ) {
		$list   = ! empty( $one['list'] );
		$secret = isset( $one['secret'] ) ? $one['secret'] + array( 'set' => wpstate_secrets_set( $place['state'], $one['name'] ) ) : null;
		$leaf   = wpstate_option_leaf( isset( $raw[ strtolower( $one['option'] ) ] ) ? $raw[ strtolower( $one['option'] ) ] : null, $one['path'], $list, $secret );
		if ( null !== $secret ) {
			// Whatever else a leaf would tell of itself, its hash too, stays here.
			$leaf += array( 'same' => null === $secret['hmac'] ? null : false, 'ours' => false );
			$leaf  = array( 'type' => $leaf['type'], 'secret' => $secret['name'], 'same' => $leaf['same'], 'ours' => $leaf['ours'] );
		}
		$found[ $one['name'] ] = $leaf + array( 'exact' => $one['exact'] ) + ( $list ? array( 'list' => true ) : array() );
	}
	return array( 'options' => (object) $found );
}

/**
 * Texts as the table holds them, by name in small letters (the table tells no case apart). One longer
 * than WPSTATE_LONGEST_OPTION is not fetched: its size, its hash and how it begins stand for it.
 */
function wpstate_raw_options( $link, $prefix, $names ) {
	$quoted = array();
	foreach ( $names as $name ) {
		$quoted[] = "'" . $link->real_escape_string( $name ) . "'";
	}
	$is_long = 'LENGTH(option_value) > ' . WPSTATE_LONGEST_OPTION;
	$rows    = wpstate_rows(
		$link,
		"SELECT option_name, IF($is_long, NULL, option_value), LENGTH(option_value), IF($is_long, SHA2(option_value, 256), ''), LEFT(option_value, 2)"
		. " FROM `{$prefix}options` WHERE option_name IN (" . implode( ',', $quoted ) . ')'
	);
	if ( null === $rows ) {
		throw new RuntimeException( 'error ' . $link->errno . ': ' . $link->error );
	}
	$raw = array();
	foreach ( $rows as list( $name, $value, $size, $sha256, $begins ) ) {
		$long = array( 'type' => 'a:' === $begins ? 'array' : 'text', 'size' => (int) $size, 'sha256' => $sha256 );
		$raw[ strtolower( $name ) ] = null === $value ? $long : $value;
	}
	return $raw;
}

/** Of the secrets that runs have set here: pairs of salt and hash (roles/options/files/in_wordpress.php). */
function wpstate_secrets_set( $state, $name ) {
	$all = json_decode( (string) @file_get_contents( "$state/secrets_set.json", false, null, 0, WPSTATE_LONGEST_OPTION ), true );
	return is_array( $all ) && isset( $all[ $name ] ) && is_array( $all[ $name ] ) ? $all[ $name ] : array();
}

function wpstate_is_secret( $value, $salt, $hmac ) {
	return is_string( $value ) && is_string( $salt ) && is_string( $hmac ) && hash_equals( $hmac, hash_hmac( 'sha256', $value, $salt ) );
}

/**
 * What lies at the end of a path: its type, and its value where it is a single one. With a secret (salt,
 * hmac, set) whether it is that text or one that was set before, in the place of the value.
 */
function wpstate_option_leaf( $raw, $path, $list, $secret ) {
	if ( null === $raw ) {
		return array( 'type' => 'missing_option' );
	}
	if ( is_array( $raw ) ) {
		return $path ? array( 'type' => 'damaged' ) : $raw;
	}
	$value = $raw;
	// As maybe_unserialize (WordPress 7.1.1), but arrays and objects alone: plain values are texts.
	if ( preg_match( '/^[aOC]:\d+:/', $raw ) ) {
		$value = @unserialize( $raw, array( 'allowed_classes' => false ) );
		if ( ! is_array( $value ) && ! is_object( $value ) ) {
			return array( 'type' => 'damaged' );
		}
	}
	foreach ( $path as $key ) {
		if ( is_object( $value ) ) {
			return array( 'type' => 'object' ) + wpstate_digest( serialize( $value ) );
		}
		if ( ! is_array( $value ) ) {
			return array( 'type' => 'blocked' );
		}
		if ( ! array_key_exists( $key, $value ) ) {
			return array( 'type' => 'missing_leaf' );
		}
		$value = $value[ $key ];
	}
	if ( null !== $secret ) {
		$told = wpstate_value( $value );
		$ours = false;
		foreach ( $secret['set'] as $pair ) {
			$ours = $ours || ( is_array( $pair ) && isset( $pair[0], $pair[1] ) && wpstate_is_secret( $value, $pair[0], $pair[1] ) );
		}
		return array( 'type' => $told['type'], 'same' => null === $secret['hmac'] ? null : wpstate_is_secret( $value, $secret['salt'], $secret['hmac'] ), 'ours' => $ours );
	}
	$listed = $list && is_array( $value ) ? wpstate_option_list( $value ) : null;
	return null === $listed ? wpstate_value( $value ) : $listed;
}

/** A short list of single values with what is in it; null for any other array. */
function wpstate_option_list( $value ) {
	if ( count( $value ) > WPSTATE_MOST_ITEMS || array_keys( $value ) !== array_keys( array_keys( $value ) ) ) {
		return null;
	}
	foreach ( $value as $item ) {
		if ( ! is_scalar( $item ) || ( is_string( $item ) && ! preg_match( '//u', $item ) ) ) {
			return null;
		}
	}
	ini_set( 'serialize_precision', '-1' );
	$json = str_replace( '#', '\u0023', (string) json_encode( $value, JSON_PRESERVE_ZERO_FRACTION ) );
	return strlen( $json ) > WPSTATE_LONGEST_LIST || '' === $json ? null : array( 'type' => 'list', 'json' => $json );
}
