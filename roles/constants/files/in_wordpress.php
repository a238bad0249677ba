<?php
/*
 * Runs inside WordPress: sets constants in wp-config.php. They hold from the next request on, which is
 * the first of the looks. Comes after wp_config_text.php and wp_config.php.
 */

/** Returns the names that it changed. */
function wpstate_in_wordpress_constants( array $asked, Wpstate_Boot $boot ): array {
	$boot->step( 'set constants in wp-config.php' );
	$values = array();
	foreach ( $asked['constants'] as $one ) {
		$values[ $one['name'] ] = $one['value']; // null takes it out
	}
	return wp_config_set( $asked['config'], $values );
}
