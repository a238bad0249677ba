<?php
/*
 * What WordPress may update by itself, by its options and by the constants that overrule them
 * (WP_Automatic_Updater::is_disabled, Core_Upgrader::should_update_to_version, WordPress 7.1.1).
 */

function wpstate_kind_auto_updates( $ask, $place ) {
	$rows = null === $place['link'] ? null : wpstate_rows( $place['link'], "SELECT option_name, LEFT(option_value, 65536) FROM `{$place['prefix']}options` WHERE option_name IN ('auto_update_core_minor', 'auto_update_core_major', 'auto_update_plugins')" );
	if ( null === $rows ) {
		throw new RuntimeException( 'the database could not be asked' );
	}
	$options   = array_column( $rows, 1, 0 );
	$constants = $place['constants'];
	$on        = array();
	foreach ( array_filter( wpstate_list( $options['auto_update_plugins'] ?? '' ), 'is_string' ) as $file ) {
		$on[ false === strpos( $file, '/' ) ? preg_replace( '/\.php$/', '', $file ) : strtok( $file, '/' ) ] = true;
	}
	$plugins = array();
	foreach ( $ask['plugins'] as $slug ) {
		$plugins[ $slug ] = isset( $on[ $slug ] );
	}
	$never = array_filter( array( 'AUTOMATIC_UPDATER_DISABLED', 'DISALLOW_FILE_MODS' ), static fn( $name ) => ! empty( $constants[ $name ] ) );
	$fixed = $constants['WP_AUTO_UPDATE_CORE'] ?? null;
	return array(
		'minor'   => 'enabled' === ( $options['auto_update_core_minor'] ?? 'enabled' ),
		'major'   => 'enabled' === ( $options['auto_update_core_major'] ?? 'unset' ),
		'fixed'   => null === $fixed ? null : ( is_bool( $fixed ) ? ( $fixed ? 'true' : 'false' ) : substr( (string) $fixed, 0, 40 ) ),
		'never'   => $never ? reset( $never ) : null,
		'plugins' => (object) $plugins,
		'on'      => array_slice( array_map( 'strval', array_keys( $on ) ), 0, 5000 ),
	);
}
