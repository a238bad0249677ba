/*
 * The least that any tool can do to learn what `wpstate observe` learns of an account's sites: one PHP
 * (`php -r`, arguments: the sites' folders) that asks the same of files and databases, takes wp-config.php
 * by pattern, checks nothing, bounds nothing and survives nothing.
 */
$bench_sites = array();
foreach ( array_slice( $argv, 1 ) as $wp ) {
	$config = file_get_contents( "$wp/wp-config.php" );
	preg_match_all( "/define\( '(DB_\w+)', '([^']*)' \)/", $config, $found );
	$db = array_combine( $found[1], $found[2] );
	preg_match( "/\\\$table_prefix = '(\w+)'/", $config, $prefix );
	list( $host, $port ) = explode( ':', $db['DB_HOST'] );
	$link   = new mysqli( $host, $db['DB_USER'], $db['DB_PASSWORD'], $db['DB_NAME'], (int) $port );
	$wanted = "'home','siteurl','blogname','db_version','active_plugins','blog_public','WPLANG','template','stylesheet'";
	preg_match( "/wp_version = '([^']+)'/", file_get_contents( "$wp/wp-includes/version.php" ), $version );
	$headers = array();
	foreach ( array_merge( glob( "$wp/wp-content/plugins/*.php" ), glob( "$wp/wp-content/plugins/*/*.php" ), glob( "$wp/wp-content/themes/*/style.css" ) ) as $file ) {
		preg_match_all( '/^[ \t\/*#@]*(Plugin Name|Theme Name|Version|Author|Text Domain|Requires PHP|Requires at least|Update URI):(.*)$/mi', file_get_contents( $file, false, null, 0, 8192 ), $lines );
		$headers[ $file ] = array_combine( $lines[1], $lines[2] );
	}
	$bench_sites[] = array(
		'wp'      => $version[1],
		'options' => $link->query( "SELECT option_name, option_value FROM {$prefix[1]}options WHERE option_name IN ($wanted)" )->fetch_all(),
		'tables'  => $link->query( 'SHOW TABLE STATUS' )->fetch_all(),
		'headers' => $headers,
		'must'    => glob( "$wp/wp-content/{mu-plugins/*.php,*.php}", GLOB_BRACE ),
		'frozen'  => file_exists( "$wp/.maintenance" ),
		'free'    => disk_free_space( $wp ),
	);
}
echo json_encode( $bench_sites, JSON_INVALID_UTF8_SUBSTITUTE );
