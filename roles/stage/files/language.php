<?php
/*
 * Make a language pack ready: its catalogues and nothing that PHP would run.
 * Comes after tree.php, unpack.php and languages.php, before stage.php.
 */

/** Move what a site may have of an unpacked pack into $part. */
function fill_language( string $pack, string $unpacked, string $part ): void {
	make_folder( $part );
	foreach ( array_diff( scandir( $unpacked ), array( '.', '..' ) ) as $name ) {
		if ( ! is_file( "$unpacked/$name" ) || ! is_language_file( $name, $pack ) ) {
			refuse( "the language pack holds what is none of its files: $name" );
		}
		// WordPress would run a .l10n.php; it reads the .mo as well.
		if ( ! is_executable_name( $name ) ) {
			move_path( "$unpacked/$name", "$part/$name" );
		}
	}
	$live = languages_dir();
	adopt_modes( $part, is_dir( $live ) ? $live : null );
}

function stage_language( array $artifact ): array {
	$pack = $artifact['slug'];
	if ( is_link( languages_dir() ) || is_link( pack_dir( $pack ) ) ) {
		refuse( 'the folder of languages is a link; wpstate replaces no links' );
	}
	$target = room( request()['content_dir'] ) . "/stage/languages/$pack";
	$fill   = static fn( $unpacked, $part ) => fill_language( $pack, $unpacked, $part );
	return array( 'slug' => $pack, 'staged' => stage_once( $target, $artifact, $fill ), 'carried' => array() );
}
