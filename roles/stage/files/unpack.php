<?php
/*
 * Unpack one zip into a folder: regular files only, fresh times, plain modes.
 * Comes after tree.php. What the bytes must be is checked before, what they are named after.
 */

/** Raises where an entry would land outside of the folder or is a link. */
function unpack_zip( string $zip, string $into ): void {
	make_folder( $into );
	class_exists( 'ZipArchive' ) ? unpack_with_extension( $zip, $into ) : unpack_with_program( $zip, $into );
	foreach ( walk( $into ) as $path => $info ) {
		if ( $info->isLink() ) {
			throw new RuntimeException( "the zip holds a link: $path" );
		}
	}
}

/*
 * Each file is written by hand: extractTo would follow what lies there and is free to keep old
 * times, and OPcache takes a new file with an old time for the one it knows.
 */
function unpack_with_extension( string $zip, string $into ): void {
	$archive = new ZipArchive();
	if ( true !== $archive->open( $zip ) ) {
		throw new RuntimeException( 'cannot be read as a zip: ' . basename( $zip ) );
	}
	for ( $i = 0; $i < $archive->numFiles; $i++ ) {
		$name = $archive->getNameIndex( $i );
		check_entry( $name );
		if ( $archive->getExternalAttributesIndex( $i, $system, $attributes )
			&& ZipArchive::OPSYS_UNIX === $system && 0120000 === ( ( $attributes >> 16 ) & 0170000 ) ) {
			throw new RuntimeException( "the zip holds a link: $name" );
		}
		if ( '/' === substr( $name, -1 ) ) {
			make_folder( "$into/$name" );
			continue;
		}
		make_folder( dirname( "$into/$name" ) );
		$size  = $archive->statIndex( $i )['size'];
		$entry = $archive->getStream( $name );
		$bytes = file_put_contents( "$into/$name", $entry );
		if ( $bytes !== $size ) {
			throw new RuntimeException( "could not unpack $name: $bytes of $size bytes" );
		}
	}
}

function unpack_with_program( string $zip, string $into ): void {
	array_map( 'check_entry', explode( "\n", rtrim( unzip( '-Z1', $zip ), "\n" ) ) );
	unzip( '-DD', '-qq', '-o', $zip, '-d', $into ); // -DD: times are not restored
}

/** What the program unzip says. */
function unzip( string ...$words ): string {
	$pipes = array();
	$unzip = @proc_open( array_merge( array( 'unzip' ), $words ), array( 1 => array( 'pipe', 'w' ), 2 => array( 'redirect', 1 ) ), $pipes );
	$said  = is_resource( $unzip ) ? stream_get_contents( $pipes[1] ) : 'PHP has no zip extension, and cannot start unzip';
	if ( ! is_resource( $unzip ) || 0 !== proc_close( $unzip ) ) {
		throw new RuntimeException( 'could not unpack: ' . trim( substr( $said, -500 ) ) );
	}
	return $said;
}

function check_entry( string $name ): void {
	$parts = explode( '/', $name );
	if ( '' === $name || '' === $parts[0] || false !== strpbrk( $name, "\\\0:" ) || array_intersect( $parts, array( '..', '.' ) ) ) {
		throw new RuntimeException( "the zip holds a name that leads elsewhere: $name" );
	}
}

/** Give a staged folder or file the modes (and group) of the one it will replace. */
function adopt_modes( string $staged, ?string $live ): void {
	$is_there = null !== $live && file_exists( $live );
	$folder   = $is_there && is_dir( $live ) ? fileperms( $live ) & 07777 : 0755;
	$sample   = $is_there && is_dir( $live ) ? ( glob( "$live/*.php" )[0] ?? null ) : ( $is_there ? $live : null );
	$file     = $sample ? fileperms( $sample ) & 0777 : 0644;
	$group    = $is_there ? filegroup( $live ) : null;
	foreach ( paths_of( $staged ) as $path ) {
		chmod( $path, is_dir( $path ) ? $folder : $file );
		if ( null !== $group && filegroup( $path ) !== $group ) {
			@chgrp( $path, $group );
		}
	}
}

function paths_of( string $root ): array {
	$paths = array( $root );
	if ( is_dir( $root ) ) {
		foreach ( walk( $root ) as $path => $info ) {
			$paths[] = "$root/$path";
		}
	}
	return $paths;
}
