<?php
/*
 * Put staged plugins in the place of the live ones, by two renames each. WordPress is not
 * started. Comes after tree.php.
 */

function swap_plugin( array $plugin, string $dir ): ?array {
	$live = plugin_path( $plugin['slug'], $plugin['file'] );
	$have = file_exists( $live ) ? plugin_version( $live, $plugin['file'] ) : null;
	if ( $have === $plugin['version'] ) {
		return null;
	}
	$name   = basename( $live );
	$staged = room( $dir ) . "/stage/plugins/$name";
	$swap   = array( 'slug' => $plugin['slug'], 'action' => $plugin['action'], 'from' => $have, 'to' => $plugin['version'] );
	if ( request()['check'] ) {
		return $swap;
	}
	if ( is_link( $live ) ) {
		fail( "{$plugin['slug']} is a link; wpstate replaces no links" );
	}
	$found = file_exists( $staged ) ? plugin_version( $staged, $plugin['file'] ) : null;
	if ( $found !== $plugin['version'] ) {
		fail( "{$plugin['slug']} {$plugin['version']} is not staged (found " . ( $found ?? 'nothing' ) . ')' );
	}
	if ( file_exists( $live ) ) {
		move_path( $live, room( $dir ) . "/old/plugins/$name" );
	}
	move_path( $staged, $live );
	return $swap;
}

$swapped = array();
foreach ( request()['plugins'] as $plugin ) {
	if ( in_array( $plugin['action'], array( 'create', 'update', 'downgrade' ), true ) ) {
		$swapped[] = swap_plugin( $plugin, request()['plugins_dir'] );
	}
}
$swapped = array_values( array_filter( $swapped ) );
$line    = static fn( $field ) => implode( '', array_map( static fn( $s ) => "{$s['slug']} " . ( $s[ $field ] ?? '(absent)' ) . "\n", $swapped ) );
answer(
	array(
		'changed' => array() !== $swapped,
		'swapped' => $swapped,
		'beside'  => room( request()['plugins_dir'] ) !== request()['run_dir'],
		'diff'    => array( 'before' => $line( 'from' ), 'after' => $line( 'to' ) ),
	)
);
