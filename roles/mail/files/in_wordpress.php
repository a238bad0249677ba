<?php
/*
 * Puts our mu-plugin that keeps mail back where WordPress loads it, or takes it away. Runs inside
 * WordPress (roles/boot); its bytes come with the plan.
 */

function wpstate_in_wordpress_mail( array $asked, Wpstate_Boot $boot ): array {
	$boot->step( 'set whether the site sends mail' );
	$file  = WPMU_PLUGIN_DIR . '/' . basename( $asked['file'] );
	$there = is_file( $file ) ? (string) file_get_contents( $file ) : null;
	if ( $there === $asked['code'] ) {
		return array();
	}
	if ( null === $asked['code'] ) {
		if ( ! unlink( $file ) ) {
			throw new RuntimeException( 'the mu-plugin cannot be deleted' );
		}
		return array( basename( $file ) );
	}
	is_dir( WPMU_PLUGIN_DIR ) || mkdir( WPMU_PLUGIN_DIR, 0755 );
	// Begins with a dot and does not end in .php: WordPress loads no such file meanwhile.
	$beside = WPMU_PLUGIN_DIR . '/.wpstate-' . bin2hex( random_bytes( 8 ) );
	if ( strlen( $asked['code'] ) !== @file_put_contents( $beside, $asked['code'] ) || ! chmod( $beside, 0644 ) || ! rename( $beside, $file ) ) {
		@unlink( $beside );
		throw new RuntimeException( 'the mu-plugin cannot be written' );
	}
	return array( basename( $file ) );
}
