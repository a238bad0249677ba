<?php
/*
 * Put the staged WordPress in the place of the live one: wp-includes, wp-admin, then the files
 * beside them. wp-content and wp-config.php are never touched. Comes after tree.php.
 *
 * The order keeps `.maintenance` in force at each step: the check sits in wp-includes and comes
 * before whatever old and new could disagree about. Between two renames requests find no file
 * and fail, which writes nothing either.
 */

function swap_folder( string $name, string $wp, string $staged, string $old ): void {
	move_path( "$wp/$name", "$old/$name" );
	move_path( "$staged/$name", "$wp/$name" );
}

/** One file beside wp-config.php, replaced without a moment in which it is missing. Whoever may read it stays. */
function swap_root_file( string $name, string $wp, string $staged, string $old ): void {
	if ( file_exists( "$wp/$name" ) ) {
		make_folder( $old );
		copy( "$wp/$name", "$old/$name" );
		chmod( "$staged/root/$name", fileperms( "$wp/$name" ) & 0777 );
	}
	rename( "$staged/root/$name", "$wp/$name" );
}

$wp   = request()['wp_path'];
$want = request()['core']['to'];
$have = core_version( $wp );
$diff = array( 'before' => "WordPress $have\n", 'after' => "WordPress $want\n" );
if ( $have === $want && ! is_dir( room( $wp ) . '/stage/core/root' ) ) {
	answer( array( 'swapped' => false ) );
}
if ( request()['check'] ) {
	answer( array( 'changed' => true, 'swapped' => true, 'beside' => room( $wp ) !== request()['run_dir'], 'diff' => $diff ) );
}
$staged = room( $wp ) . '/stage/core';
$old    = room( $wp ) . '/old/core';
if ( core_version( $staged ) !== $want ) {
	fail( "WordPress $want is not staged (found " . ( core_version( $staged ) ?? 'nothing' ) . ')' );
}
if ( ! is_file( "$staged/root/wp-load.php" ) || ! is_file( "$staged/gone.json" ) || ! is_dir( "$staged/wp-admin" ) ) {
	fail( 'the staged WordPress is not whole' );
}
swap_folder( 'wp-includes', $wp, $staged, $old );
swap_folder( 'wp-admin', $wp, $staged, $old );
foreach ( array_diff( scandir( "$staged/root" ), array( '.', '..', 'wp-config.php' ) ) as $name ) {
	swap_root_file( $name, $wp, $staged, "$old/root" );
}
foreach ( json_decode( file_get_contents( "$staged/gone.json" ), true ) as $name ) {
	if ( is_file( "$wp/$name" ) && 'wp-config.php' !== $name ) {
		move_path( "$wp/$name", "$old/root/$name" );
	}
}
remove_tree( $staged );
answer( array( 'changed' => true, 'swapped' => true, 'beside' => room( $wp ) !== request()['run_dir'], 'diff' => $diff ) );
