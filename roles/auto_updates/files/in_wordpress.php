<?php
/*
 * Which updates WordPress makes by itself: the options that wp-admin sets. Runs inside WordPress
 * (roles/boot).
 */

function wpstate_in_wordpress_auto_updates( array $asked, Wpstate_Boot $boot ): array {
	$boot->step( 'set what may update itself' );
	$changed = array();
	if ( null !== $asked['core'] ) {
		$wanted = array(
			'auto_update_core_minor' => 'off' === $asked['core'] ? 'disabled' : 'enabled',
			'auto_update_core_major' => 'on' === $asked['core'] ? 'enabled' : 'disabled',
		);
		foreach ( $wanted as $option => $value ) {
			if ( get_site_option( $option ) !== $value ) {
				update_site_option( $option, $value );
				$changed[ $option ] = true;
			}
		}
	}
	$before = array_values( array_filter( (array) get_site_option( 'auto_update_plugins', array() ), 'is_string' ) );
	$after  = $before;
	foreach ( $asked['plugins'] as $plugin ) {
		$file  = $boot->main_file( $plugin );
		$slug  = $plugin['slug'];
		$after = array_values( array_filter( $after, static fn( $listed ) => $listed !== $file && 0 !== strpos( $listed, "$slug/" ) && "$slug.php" !== $listed ) );
		if ( $plugin['on'] && null !== $file ) {
			$after[] = $file;
		}
	}
	sort( $before );
	sort( $after );
	if ( $before !== $after ) {
		update_site_option( 'auto_update_plugins', $after );
		$changed['auto_update_plugins'] = true;
	}
	return array_keys( $changed );
}
