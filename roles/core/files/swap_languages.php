<?php
/*
 * Put staged language packs in the place of the live ones, file by file: packs of several locales
 * and of plugins share the folder. What lay there moves into the run's old/ folder.
 * Comes after tree.php and languages.php.
 */

/** True if the pack was swapped, false if that was done before. */
function swap_language( string $pack ): bool {
	$live   = pack_dir( $pack );
	$stem   = pack_parts( $pack )[1];
	$room   = room( request()['content_dir'] );
	$staged = "$room/stage/languages/$pack";
	$old    = "$room/old/languages/$pack";
	if ( ! is_dir( $staged ) && is_dir( $old ) ) {
		return false;
	}
	if ( request()['check'] ) {
		return true;
	}
	if ( ! is_file( "$staged/$stem.mo" ) ) {
		fail( "the language pack $pack is not staged" );
	}
	if ( is_link( languages_dir() ) || is_link( $live ) ) {
		fail( 'the folder of languages is a link; wpstate replaces no links' );
	}
	make_folder( $live );
	make_folder( $old );
	foreach ( language_files( $live, $pack ) as $name ) {
		move_path( "$live/$name", "$old/$name" );
	}
	foreach ( language_files( $staged, $pack ) as $name ) {
		move_path( "$staged/$name", "$live/$name" );
	}
	remove_tree( $staged );
	return true;
}

$swapped = array_values( array_filter( request()['languages'], 'swap_language' ) );
answer(
	array(
		'changed' => array() !== $swapped,
		'swapped' => $swapped,
		'beside'  => room( request()['content_dir'] ) !== request()['run_dir'],
		'diff'    => array( 'before' => '', 'after' => implode( '', array_map( static fn( $pack ) => "language pack $pack\n", $swapped ) ) ),
	)
);
