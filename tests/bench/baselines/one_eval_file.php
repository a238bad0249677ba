<?php
/*
 * What `wpstate plan` learns of a site, asked in one boot of WordPress: `wp eval-file -`.
 */
require_once ABSPATH . 'wp-admin/includes/plugin.php';
global $wpdb, $wp_version, $wp_db_version;
$bench_options = array( 'siteurl', 'home', 'blogname', 'db_version', 'active_plugins', 'blog_public', 'WPLANG', 'template', 'stylesheet' );
echo json_encode(
	array(
		'core'      => $wp_version,
		'database'  => array( $wp_db_version, $wpdb->prefix, $wpdb->db_server_info() ),
		'options'   => array_map( 'get_option', array_combine( $bench_options, $bench_options ) ),
		'plugins'   => get_plugins(),
		'themes'    => array_map( static fn( $theme ) => $theme->get( 'Version' ), wp_get_themes() ),
		'tables'    => $wpdb->get_results( "SHOW TABLE STATUS", ARRAY_A ),
		'languages' => get_available_languages(),
	)
);
