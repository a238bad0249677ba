<?php
/*
 * Move language packs into the run's old/ folder, file by file; nothing is destroyed. Others share
 * the folder. Comes after tree.php and languages.php.
 */

/** Whether there was anything of the pack. */
function move_pack( string $pack ): bool {
	$live  = pack_dir( $pack );
	$names = language_files( $live, $pack );
	if ( is_link( languages_dir() ) || is_link( $live ) ) {
		fail( 'the folder of languages is a link; wpstate changes nothing behind links' );
	}
	foreach ( request()['check'] ? array() : $names as $name ) {
		move_path( "$live/$name", room( request()['content_dir'] ) . "/old/languages/$pack/$name" );
	}
	return array() !== $names;
}

$gone = array_values( array_filter( request()['packs'], 'move_pack' ) );
answer(
	array(
		'changed' => array() !== $gone,
		'gone'    => $gone,
		'beside'  => room( request()['content_dir'] ) !== request()['run_dir'],
		'diff'    => array( 'before' => implode( '', array_map( static fn( $pack ) => "language pack $pack\n", $gone ) ), 'after' => '' ),
	)
);
