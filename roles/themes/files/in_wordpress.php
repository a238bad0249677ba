<?php
/*
 * Switches the active theme, inside WordPress. Its files are in place by then (role packages); a
 * theme that WordPress finds broken is not switched to. Comes before in_wordpress.php of role boot.
 */

function wpstate_in_wordpress_themes( array $asked, Wpstate_Boot $boot ): array {
	$slug = $asked['switch_to'];
	if ( get_option( 'stylesheet' ) === $slug ) {
		return array();
	}
	$boot->step( "switch to the theme $slug" );
	wp_clean_themes_cache( false );
	$theme = wp_get_theme( $slug );
	$error = $theme->errors();
	// switch_theme() would end the process with a page of its own.
	$unmet = is_wp_error( $error ) ? $error : validate_theme_requirements( $slug );
	if ( is_wp_error( $unmet ) ) {
		throw new RuntimeException( wp_strip_all_tags( $unmet->get_error_message() ) );
	}
	switch_theme( $slug );
	if ( get_option( 'stylesheet' ) !== $slug ) {
		throw new RuntimeException( 'WordPress still names another theme: ' . get_option( 'stylesheet' ) );
	}
	return array( "themes.$slug" );
}
