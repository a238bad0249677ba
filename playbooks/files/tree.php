<?php
/*
 * Files and folders: where a run's bytes lie, how they are walked, moved and read.
 * Comes after answer.php.
 */

/** Endings that a web server may hand to PHP, or that tell it to. Lower case. */
const EXECUTABLE = array( 'php', 'php3', 'php4', 'php5', 'php6', 'php7', 'php8', 'phtml', 'pht', 'phps', 'phar', 'inc', 'cgi', 'pl', 'py', 'sh' );

function is_executable_name( string $path ): bool {
	// Apache runs `x.php.bak` where a handler is set by name, so every ending counts.
	$endings = array_slice( explode( '.', strtolower( basename( $path ) ) ), 1 );
	return array() !== array_intersect( $endings, EXECUTABLE );
}

/** The folder that holds this run's stage/ and old/, on the same filesystem as $target. */
function room( string $target ): string {
	$run_dir = request()['run_dir'];
	if ( stat( $run_dir )['dev'] === stat( $target )['dev'] ) {
		return $run_dir;
	}
	// Begins with a dot: WordPress would list a plain folder as a plugin.
	return "$target/.wpstate-" . request()['run'];
}

/** Bring what a room beside the site still holds into the run's folder, and drop the room. */
function leave_room( string $target ): bool {
	$room = room( $target );
	if ( $room === request()['run_dir'] || ! is_dir( $room ) ) {
		return false;
	}
	if ( is_dir( "$room/old" ) && ! request()['check'] ) {
		copy_tree( "$room/old", run_path( 'old' ) );
	}
	request()['check'] || remove_tree( $room );
	return true;
}

function copy_tree( string $from, string $to ): void {
	if ( is_link( $from ) ) {
		symlink( readlink( $from ), $to );
	} elseif ( is_dir( $from ) ) {
		make_folder( $to );
		foreach ( array_diff( scandir( $from ), array( '.', '..' ) ) as $name ) {
			copy_tree( "$from/$name", "$to/$name" );
		}
	} else {
		copy( $from, $to );
	}
}

/** Everything below $root as relative path => SplFileInfo, folders before what is in them. Follows no link. */
function walk( string $root ): Iterator {
	$folder = new RecursiveDirectoryIterator( $root, FilesystemIterator::SKIP_DOTS );
	foreach ( new RecursiveIteratorIterator( $folder, RecursiveIteratorIterator::SELF_FIRST ) as $path => $info ) {
		yield substr( $path, strlen( $root ) + 1 ) => $info;
	}
}

function make_folder( string $path, int $mode = 0755 ): void {
	if ( ! is_dir( $path ) ) {
		mkdir( $path, $mode, true );
	}
}

function remove_tree( string $path ): void {
	if ( is_dir( $path ) && ! is_link( $path ) ) {
		foreach ( scandir( $path ) as $name ) {
			if ( '.' !== $name && '..' !== $name ) {
				remove_tree( "$path/$name" );
			}
		}
		rmdir( $path );
	} elseif ( file_exists( $path ) || is_link( $path ) ) {
		unlink( $path );
	}
}

/** Rename, making the folder above first. Never onto something that is there. */
function move_path( string $from, string $to ): void {
	if ( file_exists( $to ) || is_link( $to ) ) {
		throw new RuntimeException( "$to is already there" );
	}
	make_folder( dirname( $to ) );
	if ( ! rename( $from, $to ) ) {
		throw new RuntimeException( "could not rename $from to $to" );
	}
}

/** Version of the WordPress whose wp-includes lies in $root. */
function core_version( string $root ): ?string {
	$text = (string) @file_get_contents( "$root/wp-includes/version.php" );
	return preg_match( '/^\$wp_version\s*=\s*[\'"]([^\'"]+)/m', $text, $found ) ? $found[1] : null;
}
