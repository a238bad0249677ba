<?php
/*
 * What the probe reads of a network of sites: which sites it has, and which plugins are active on all
 * of them (get_sites() and wp_get_active_network_plugins(), WordPress 7.1.1). SELECTs alone.
 */

/** Shape: schemas/kinds/network.observed.schema.json. Throws where the tables cannot be read. */
function wpstate_kind_network( $ask, $place ) {
	if ( empty( $place['constants']['MULTISITE'] ) ) {
		return array( 'network' => null );
	}
	if ( null === $place['link'] ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$network = isset( $place['constants']['SITE_ID_CURRENT_SITE'] ) ? (int) $place['constants']['SITE_ID_CURRENT_SITE'] : 1;
	$prefix  = $place['prefix'];
	$sites   = wpstate_rows( $place['link'], "SELECT blog_id, domain, path FROM `{$prefix}blogs` WHERE site_id = $network AND deleted = 0 ORDER BY blog_id LIMIT 1000" );
	$active  = wpstate_rows( $place['link'], "SELECT meta_value FROM `{$prefix}sitemeta` WHERE meta_key = 'active_sitewide_plugins' AND site_id = $network" );
	if ( null === $sites || null === $active ) {
		throw new RuntimeException( 'the tables of the network cannot be read' );
	}
	$found = array();
	foreach ( $sites as list( $id, $domain, $path ) ) {
		$found[] = array( 'id' => (int) $id, 'domain' => (string) $domain, 'path' => (string) $path );
	}
	$plugins = $active ? array_keys( wpstate_list( (string) $active[0][0] ) ) : array();
	return array(
		'network' => array( 'sites' => $found, 'plugins' => array_slice( array_values( array_filter( $plugins, 'is_string' ) ), 0, 1000 ) ),
	);
}
