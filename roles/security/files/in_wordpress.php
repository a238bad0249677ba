<?php
/*
 * Makes the changes of security points, in the one start of WordPress that a run makes: constants,
 * options, modes, our mu-plugin and our blocks in .htaccess. What they must be is decided by
 * wpstate.resources.security_means; whether they did anything, by looking afterwards.
 */

/** Does what is asked and returns the names of what it changed. */
function wpstate_in_wordpress_security( array $asked, Wpstate_Boot $boot ): array {
	$boot->step( 'set the security points' );
	$changed = array();
	foreach ( $asked['options'] as $name => $value ) {
		if ( (string) get_option( $name ) !== $value && update_option( $name, $value ) ) {
			$changed[] = $name;
		}
	}
	foreach ( $asked['files'] as $file ) {
		if ( wpstate_security_put( $file['path'], $file['text'], 0644 ) ) {
			$changed[] = basename( $file['path'] );
		}
	}
	foreach ( $asked['blocks'] as $file ) {
		if ( wpstate_security_block( $file['path'], $file['lines'] ) ) {
			$changed[] = basename( $file['path'] );
		}
	}
	if ( $asked['constants'] ) {
		$changed = array_merge( $changed, wp_config_set( $asked['config'], $asked['constants'] ) );
	}
	foreach ( $asked['modes'] as $file ) {
		clearstatcache();
		$mode = octdec( $file['mode'] );
		if ( is_file( $file['path'] ) && ( fileperms( $file['path'] ) & 07777 ) !== $mode ) {
			if ( ! chmod( $file['path'], $mode ) ) {
				throw new RuntimeException( "the mode of {$file['path']} cannot be set" );
			}
			$changed[] = basename( $file['path'] );
		}
	}
	return $changed;
}

/** A file with these bytes, by a rename; null: none. Whether that changed anything. */
function wpstate_security_put( string $path, ?string $text, int $mode ): bool {
	if ( wpstate_security_text( $path ) === $text ) {
		return false;
	}
	if ( null === $text ) {
		if ( ! unlink( $path ) ) {
			throw new RuntimeException( "$path cannot be deleted" );
		}
		return true;
	}
	is_dir( dirname( $path ) ) || mkdir( dirname( $path ), 0755 );
	// Begins with a dot and does not end in .php: WordPress loads no such file meanwhile.
	$beside = dirname( $path ) . '/.wpstate-' . bin2hex( random_bytes( 8 ) );
	if ( strlen( $text ) !== @file_put_contents( $beside, $text ) || ! chmod( $beside, $mode ) || ! rename( $beside, $path ) ) {
		@unlink( $beside );
		throw new RuntimeException( "$path cannot be written" );
	}
	return true;
}

/** Null where there is no such file. One that cannot be read, or is a link, is somebody else's. */
function wpstate_security_text( string $path ): ?string {
	clearstatcache();
	if ( ! file_exists( $path ) && ! is_link( $path ) ) {
		return null;
	}
	$text = is_file( $path ) && ! is_link( $path ) ? @file_get_contents( $path ) : false;
	if ( false === $text ) {
		throw new RuntimeException( "$path cannot be read, or is a link" );
	}
	return $text;
}

/** Our block in a .htaccess, first in it, with all other lines as they are; no lines: no block. */
function wpstate_security_block( string $path, array $lines ): bool {
	$text  = (string) wpstate_security_text( $path );
	$begin = "# BEGIN wpstate security\n";
	$end   = "# END wpstate security\n";
	// An editor that turns line ends round turns ours round too.
	$line = static fn( $mark ) => '^' . preg_quote( rtrim( $mark ), '/' ) . '\r?\n';
	$rest = preg_replace( '/' . $line( $begin ) . '.*?' . $line( $end ) . '/ms', '', $text );
	if ( null === $rest ) {
		throw new RuntimeException( "$path cannot be taken apart: " . preg_last_error() );
	}
	$new   = ( $lines ? $begin . implode( "\n", $lines ) . "\n" . $end : '' ) . $rest;
	$mode  = is_file( $path ) ? fileperms( $path ) & 07777 : 0644;
	return wpstate_security_put( $path, '' === $new ? null : $new, $mode );
}
