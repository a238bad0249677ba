<?php
/*
 * Put staged must-use plugins and drop-ins in the place of the live ones, each by one rename, and move
 * away what must not be there. WordPress is not started. Comes after tree.php.
 */

/** What was done to one file: its line for the diff, or null where all was so before. */
function swap_file( string $kind, string $folder, array $file ): ?string {
	$name = basename( $file['name'] );
	$want = $file['sha256'];
	$live = "$folder/$name";
	if ( is_link( $live ) || is_link( $folder ) ) {
		fail( "$live is a link, or lies behind one; wpstate replaces no links" );
	}
	$have = is_file( $live ) ? hash_file( 'sha256', $live ) : null;
	if ( $have === $want ) {
		return null;
	}
	if ( request()['check'] ) {
		return $name;
	}
	$room = room( request()['content_dir'] );
	if ( null === $want ) {
		move_path( $live, "$room/old/$kind/$name" );
		return $name;
	}
	$staged = "$room/stage/$kind/$name";
	if ( ! is_file( $staged ) || hash_file( 'sha256', $staged ) !== $want ) {
		fail( "$name is not staged" );
	}
	make_folder( $folder );
	if ( null !== $have ) {
		make_folder( "$room/old/$kind" );
		copy( $live, "$room/old/$kind/$name" );
		chmod( $staged, fileperms( $live ) & 0777 );
	}
	// Fresh times: OPcache takes a new file with an old time for the one that it knows.
	touch( $staged );
	if ( ! rename( $staged, $live ) ) {
		fail( "could not rename $staged to $live" );
	}
	return $name;
}

$done = array();
foreach ( request()['files'] as $kind => $asked ) {
	foreach ( $asked['files'] ?? array() as $file ) {
		$done[] = swap_file( $kind, $asked['folder'], $file );
	}
}
$done = array_values( array_filter( $done ) );
answer(
	array(
		'changed' => array() !== $done,
		'swapped' => $done,
		'beside'  => room( request()['content_dir'] ) !== request()['run_dir'],
		'diff'    => array( 'before' => '', 'after' => implode( '', array_map( static fn( $name ) => "$name\n", $done ) ) ),
	)
);
