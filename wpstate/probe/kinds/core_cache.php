<?php
/*
 * Hashes that an earlier deep look took, kept in the site's state folder: a file whose size, mtime, ctime,
 * inode and device are as they were is not read again. They serve speed alone, and only where their own
 * hash is the seal that the controller was told when they were written; else every file is read.
 */

const WPSTATE_CACHE_MOST_BYTES = 8388608;
/** A file that changed so shortly before it was read may change once more without a mark. */
const WPSTATE_CACHE_SETTLED_S = 1;

/** $ask: seal (null where there is none yet) and keep (what this question does not ask for stays). */
function wpstate_cache_open( $ask, $place ) {
	$cache = (object) array( 'file' => $place['state'] . '/deep-look', 'keep' => $ask['keep'], 'seal' => $ask['seal'], 'was' => array(), 'now' => array(), 'read' => 0, 'known' => 0 );
	$text  = null === $ask['seal'] || is_link( $cache->file ) ? '' : (string) @file_get_contents( $cache->file, false, null, 0, WPSTATE_CACHE_MOST_BYTES + 1 );
	if ( '' !== $text && hash_equals( (string) $ask['seal'], hash( 'sha256', $text ) ) ) {
		foreach ( explode( "\n", rtrim( $text, "\n" ) ) as $line ) {
			$at = strpos( $line, "\t" );
			if ( false !== $at ) {
				$cache->was[ substr( $line, $at + 1 ) ] = substr( $line, 0, $at );
			}
		}
	}
	return $cache;
}

/** As hash_file() does. $cache is null where nothing is kept. */
function wpstate_cache_hash( $cache, $algorithm, $file ) {
	if ( null === $cache ) {
		return @hash_file( $algorithm, $file );
	}
	$began = time();
	$mark  = wpstate_cache_mark( $file );
	$was   = isset( $cache->was[ $file ] ) ? $cache->was[ $file ] : '';
	if ( null !== $mark && 0 === strncmp( $was, "$algorithm $mark ", strlen( "$algorithm $mark " ) ) ) {
		++$cache->known;
		$cache->now[ $file ] = $was;
		return substr( $was, strlen( "$algorithm $mark " ) );
	}
	++$cache->read;
	$hash    = @hash_file( $algorithm, $file );
	$settled = null !== $mark && max( @filemtime( $file ), @filectime( $file ) ) < $began - WPSTATE_CACHE_SETTLED_S;
	if ( false !== $hash && $settled && wpstate_cache_mark( $file ) === $mark && ! preg_match( '/[\x00-\x1f]/', $file ) ) {
		$cache->now[ $file ] = "$algorithm $mark $hash";
	}
	return $hash;
}

function wpstate_cache_mark( $file ) {
	clearstatcache( true, $file );
	$stat = @stat( $file );
	return false === $stat ? null : implode( ' ', array( $stat['size'], $stat['mtime'], $stat['ctime'], $stat['ino'], $stat['dev'] ) );
}

/** The seal of what is kept now; null where nothing could be, as where the site has no state folder yet. */
function wpstate_cache_close( $cache ) {
	$lines = array();
	$bytes = 0;
	foreach ( $cache->now + ( $cache->keep ? $cache->was : array() ) as $file => $known ) {
		$line   = "$known\t$file\n";
		$bytes += strlen( $line );
		if ( $bytes > WPSTATE_CACHE_MOST_BYTES ) {
			break;
		}
		$lines[] = $line;
	}
	sort( $lines );
	$text = implode( '', $lines );
	$seal = hash( 'sha256', $text );
	if ( $seal === $cache->seal && array() !== $cache->was ) {
		return $seal;
	}
	$folder = dirname( $cache->file );
	if ( ! is_dir( $folder ) || is_link( $folder ) ) {
		return null;
	}
	$before = umask( 0077 );
	$whole  = "$cache->file." . getmypid();
	$done   = false;
	$handle = @fopen( $whole, 'x' );
	if ( false !== $handle ) {
		$done = strlen( $text ) === @fwrite( $handle, $text ) && fflush( $handle ) && fclose( $handle ) && @rename( $whole, $cache->file );
		if ( ! $done ) {
			@unlink( $whole );
		}
	}
	umask( $before );
	return $done ? $seal : null;
}
