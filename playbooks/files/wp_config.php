<?php
/*
 * Sets constants in one wp-config.php. Runs inside WordPress, for every kind of resource that sets some:
 * wp_config_set(). Comes after wp_config_text.php, which reads and writes the text. PHP 7.4 to 8.4.
 */

/**
 * Sets constants (name to value, null takes one out), whole or not at all; the names that changed.
 * Throws where a constant is not plainly defined, or where the outcome is not what was meant.
 */
function wp_config_set( string $path, array $asked ): array {
	$obstacle = wp_config_obstacle( $path );
	if ( null !== $obstacle ) {
		throw new RuntimeException( "wp-config.php cannot be edited ($obstacle)" );
	}
	$code    = (string) file_get_contents( $path );
	$text    = new Wpstate_Config_Text( $code );
	$changed = array();
	foreach ( $asked as $name => $value ) {
		$found = $text->find( $name );
		$same  = null === $value ? 'missing' === $found['form'] : array_key_exists( 'value', $found ) && $value === $found['value'];
		if ( ! $same ) {
			$changed[] = $name;
		}
	}
	$new = $changed ? $text->with( array_intersect_key( $asked, array_flip( $changed ) ) ) : $code;
	if ( $new !== $code ) {
		wp_config_prove( $text, $new, $asked );
		wp_config_replace( $path, $code, $new );
	}
	return $changed;
}

/** The new text is PHP, says what is asked, and says all else as before. */
function wp_config_prove( Wpstate_Config_Text $before, string $new, array $asked ): void {
	token_get_all( $new, TOKEN_PARSE );
	$after = new Wpstate_Config_Text( $new );
	foreach ( $asked as $name => $value ) {
		$due = null === $value ? array( 'form' => 'missing' ) : array( 'form' => 'plain', 'value' => $value );
		if ( $after->find( $name ) !== $due ) {
			throw new RuntimeException( "$name would not be what is asked" );
		}
	}
	if ( $before->others( array_keys( $asked ) ) !== $after->others( array_keys( $asked ) ) ) {
		throw new RuntimeException( 'another constant would change too' );
	}
	$pipes = array();
	$child = proc_open( array( PHP_BINARY, '-d', 'display_errors=0', '-l' ), array( array( 'pipe', 'r' ), array( 'file', '/dev/null', 'w' ), array( 'file', '/dev/null', 'w' ) ), $pipes );
	if ( ! is_resource( $child ) ) {
		throw new RuntimeException( 'PHP may start no second PHP (proc_open)' );
	}
	fwrite( $pipes[0], $new );
	fclose( $pipes[0] );
	if ( 0 !== proc_close( $child ) ) {
		throw new RuntimeException( 'php -l refuses the new wp-config.php' );
	}
}

/** By a rename, with owner, group and mode as they were. The new file is nobody else's to read. */
function wp_config_replace( string $path, string $old, string $new ): void {
	$before = stat( $path );
	$beside = dirname( $path ) . '/.wpstate-config-' . bin2hex( random_bytes( 8 ) ) . '.php';
	$mask   = umask( 0177 );
	$file   = fopen( $beside, 'x' );
	umask( $mask );
	try {
		if ( false === $file || strlen( $new ) !== fwrite( $file, $new ) || ! fflush( $file ) ) {
			throw new RuntimeException( 'there is no room for a new wp-config.php' );
		}
		function_exists( 'fsync' ) && fsync( $file );
		fclose( $file );
		if ( filegroup( $beside ) !== $before['gid'] ) {
			@chgrp( $beside, $before['gid'] );
		}
		chmod( $beside, $before['mode'] & 07777 );
		clearstatcache();
		$after = stat( $beside );
		if ( array( $after['uid'], $after['gid'], $after['mode'] ) !== array( $before['uid'], $before['gid'], $before['mode'] ) ) {
			throw new RuntimeException( 'owner, group or mode of wp-config.php could not be kept' );
		}
		if ( file_get_contents( $path ) !== $old || ! rename( $beside, $path ) ) {
			throw new RuntimeException( 'wp-config.php was changed by somebody else just now' );
		}
	} finally {
		@unlink( $beside );
	}
}
