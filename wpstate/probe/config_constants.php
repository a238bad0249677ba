<?php
/*
 * Constants of wp-config.php for the kinds that set some: what they are once it has run, and how its own
 * text defines them. Needs wp_config_text.php, which such a kind names among its `probe_needs`.
 */

/** Its shape is schemas/kinds/constants.observed.schema.json. The question names the same constants. */
function wpstate_config_constants( $names, $place ) {
	$obstacle = '' === $place['config'] ? 'unreadable' : wp_config_obstacle( $place['config'] );
	$text     = in_array( $obstacle, array( 'tokenizer', 'unreadable' ), true )
		? null
		: new Wpstate_Config_Text( (string) file_get_contents( $place['config'] ) );
	$found    = array();
	foreach ( $names as $name ) {
		$is_defined     = array_key_exists( $name, $place['constants'] );
		$found[ $name ] = array( 'form' => wpstate_constant_form( $text, $name, $place['constants'] ) )
			+ ( $is_defined ? wpstate_value( $place['constants'][ $name ] ) : array() );
	}
	return array(
		'constants' => (object) $found,
		'obstacle'  => $obstacle,
		'has_place' => null !== $text && $text->has_place(),
	);
}

function wpstate_constant_form( $text, $name, $constants ) {
	$found      = null === $text ? array( 'form' => 'missing' ) : $text->find( $name );
	$is_defined = array_key_exists( $name, $constants );
	if ( 'missing' === $found['form'] && $is_defined ) {
		return 'elsewhere';
	}
	// Another file, or PHP itself, was first: what stands in wp-config.php is without effect.
	if ( array_key_exists( 'value', $found ) && ( ! $is_defined || $found['value'] !== $constants[ $name ] ) ) {
		return 'overridden';
	}
	return $found['form'];
}
