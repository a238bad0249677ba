<?php
/*
 * Runs inside WordPress: sets how it builds addresses. Its rules are made anew by the next request, in
 * which every plugin that was switched on just now takes part.
 */

/** Returns the names that it changed. */
function wpstate_in_wordpress_rewrite( array $asked, Wpstate_Boot $boot ): array {
	global $wp_rewrite;
	$boot->step( 'set the permalink structure' );
	$options = array( 'structure' => 'permalink_structure', 'category_base' => 'category_base', 'tag_base' => 'tag_base' );
	$changed = array();
	foreach ( $asked['asked'] as $key => $value ) {
		// WordPress keeps a base with its slash and tells it without (_wp_filter_taxonomy_base).
		$told = 'structure' === $key ? $value : trim( $value, '/' );
		if ( (string) get_option( $options[ $key ] ) === $told ) {
			continue;
		}
		array( $wp_rewrite, "structure" === $key ? 'set_permalink_structure' : "set_$key" )( $value );
		if ( (string) get_option( $options[ $key ] ) !== $told ) {
			throw new RuntimeException( "WordPress keeps \"" . get_option( $options[ $key ] ) . "\" as $options[$key]" );
		}
		$changed[] = $key;
	}
	if ( $changed ) {
		update_option( 'rewrite_rules', '' );
	}
	if ( $changed && $asked['htaccess'] ) {
		$boot->step( 'have WordPress write its rules into .htaccess' );
		// It cannot see the web server from here; its own block is there already.
		add_filter( 'got_rewrite', '__return_true' );
		$is_needed = $wp_rewrite->using_mod_rewrite_permalinks();
		if ( ! save_mod_rewrite_rules() && $is_needed ) {
			throw new RuntimeException( 'WordPress could not write .htaccess' );
		}
	}
	return $changed;
}
