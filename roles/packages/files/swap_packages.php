<?php
/*
 * Put staged plugins and themes in the place of the live ones, by two renames each. WordPress is
 * not started. Comes after tree.php and packages.php.
 */

function swap_package( array $package ): ?array {
	list( 'kind' => $kind, 'slug' => $slug, 'file' => $file, 'version' => $version ) = $package;

	$live = package_path( $kind, $slug, $file );
	$have = file_exists( $live ) ? package_version( $kind, $live, $file ) : null;
	if ( $have === $version ) {
		return null;
	}
	$name   = basename( $live );
	$room   = room( packages_dir( $kind ) );
	$staged = "$room/stage/$kind/$name";
	$swap   = array( 'kind' => $kind, 'slug' => $slug, 'action' => $package['action'], 'from' => $have, 'to' => $version );
	if ( request()['check'] ) {
		return $swap;
	}
	if ( is_link( $live ) ) {
		fail( "$slug is a link; wpstate replaces no links" );
	}
	$found = file_exists( $staged ) ? package_version( $kind, $staged, $file ) : null;
	if ( $found !== $version ) {
		fail( "$slug $version is not staged (found " . ( $found ?? 'nothing' ) . ')' );
	}
	if ( file_exists( $live ) ) {
		move_path( $live, "$room/old/$kind/$name" );
	}
	move_path( $staged, $live );
	return $swap;
}

$swapped = array();
$beside  = false;
foreach ( request()['packages'] as $package ) {
	if ( in_array( $package['action'], array( 'create', 'update', 'downgrade' ), true ) ) {
		$swapped[] = swap_package( $package );
		$beside    = $beside || room( packages_dir( $package['kind'] ) ) !== request()['run_dir'];
	}
}
$swapped = array_values( array_filter( $swapped ) );
$line    = static fn( $field ) => implode( '', array_map( static fn( $s ) => "{$s['slug']} " . ( $s[ $field ] ?? '(absent)' ) . "\n", $swapped ) );
answer(
	array(
		'changed' => array() !== $swapped,
		'swapped' => $swapped,
		'beside'  => $beside,
		'diff'    => array( 'before' => $line( 'from' ), 'after' => $line( 'to' ) ),
	)
);
