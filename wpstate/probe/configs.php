<?php
/*
 * wp-config.php of the probe's sites: it may exit, die, or define what it likes, so it runs in a PHP of
 * its own (wp_config.php), and where there are several sites in one that forks for each (wp_configs.php).
 */

/** Seconds that each wp-config.php is given at first, and the late ones again once all others are seen. */
const WPSTATE_PATIENCE_S = array( 1, 4, 10 );

/** Thrown for a site that comes later, so that the others need not wait for it. */
class Wpstate_Aside extends Exception {
}

/** What wp-config.php says; what stops it is a fault. Throws Wpstate_Aside where it may come later. */
function wpstate_config( $wp, $site, $request, $limit_s, &$faults ) {
	$nothing = array( 'config' => null, 'constants' => array(), 'table_prefix' => null, 'fault' => 'told' );
	$text    = wpstate_config_among( $site['id'], $request );
	if ( '' === $text ) {
		$text = wpstate_config_alone( wpstate_config_words( $wp, $site ), $request, $limit_s );
	}
	if ( null === $text && WPSTATE_PATIENCE_S[2] !== $limit_s ) {
		throw new Wpstate_Aside();
	}
	if ( false === $text ) {
		$faults[] = array( 'code' => 'php_wrong_binary', 'detail' => PHP_BINARY . ' may not start a second PHP (proc_open)' );
		return $nothing;
	}
	$config = null === $text ? null : json_decode( $text, true );
	if ( ! is_array( $config ) || ! array_key_exists( 'fault', $config ) ) {
		$faults[] = null === $text
			? array( 'code' => 'timeout', 'detail' => 'wp-config.php did not end within 10 s' )
			: array( 'code' => 'wp_config_exit', 'detail' => 'PHP died in wp-config.php' );
		return $nothing;
	}
	if ( null !== $config['fault'] ) {
		$faults[] = $config['fault'];
	}
	return $config;
}

/** The arguments of wp_config.php. */
function wpstate_config_words( $wp, $site ) {
	return array( $wp, $site['host'], '3', wpstate_asked_constants( $site['ask'] ) );
}

/** Names of constants that kinds ask for, whose values are told to them alone. */
function wpstate_asked_constants( $ask ) {
	$names = array();
	foreach ( $ask as $question ) {
		$names = array_merge( $names, isset( $question['constants'] ) ? $question['constants'] : array() );
	}
	return implode( ',', array_unique( $names ) );
}

/** A PHP that runs $source; its descriptor 3 in $pipes[3]. False where none may be started. */
function wpstate_config_php( $source, $words, &$pipes ) {
	$options = array( '-d', 'display_errors=0', '-d', 'log_errors=0', '-d', 'auto_prepend_file=', '-d', 'opcache.enable_cli=0' );
	$command = implode( ' ', array_map( 'escapeshellarg', array_merge( array( PHP_BINARY ), $options, array( '--' ), $words ) ) );
	$devices = array( array( 'pipe', 'r' ), array( 'file', '/dev/null', 'w' ), array( 'file', '/dev/null', 'w' ), array( 'pipe', 'w' ) );
	$child   = function_exists( 'proc_open' ) ? @proc_open( "exec $command", $devices, $pipes ) : false;
	if ( false !== $child ) {
		fwrite( $pipes[0], $source );
		fclose( $pipes[0] );
	}
	return $child;
}

/** Its JSON; null where it took too long, false where no PHP may be started. */
function wpstate_config_alone( $words, $request, $limit_s ) {
	$child = wpstate_config_php( $request['wp_config'], $words, $pipes );
	if ( false === $child ) {
		return false;
	}
	$text = wpstate_read( $pipes[3], $limit_s );
	if ( null === $text ) {
		proc_terminate( $child, 9 );
	}
	proc_close( $child );
	return $text;
}

/**
 * This site's JSON from the one PHP that is asked for all sites, which works ahead of us. Null where the site's
 * took too long; empty where that PHP has no word of it, and it must be asked alone. No $id ends that PHP.
 */
function wpstate_config_among( $id, $request ) {
	static $child = null, $pipes = array(), $held = '';
	if ( null === $id && $child ) { // Nobody waits for the late ones any more.
		proc_terminate( $child, 9 );
	}
	if ( null === $id ) {
		return '';
	}
	if ( null === $child ) {
		$wanted = wpstate_configs_wanted( $request );
		$able   = count( $wanted ) > 1 && function_exists( 'pcntl_fork' ) && function_exists( 'pcntl_alarm' );
		$source = "<?php\n\$wpstate_wanted = '" . base64_encode( json_encode( $wanted ) ) . "';\n"
			. substr( $request['wp_configs'], 6 ) . substr( $request['wp_config'], 6 );
		$child  = $able ? wpstate_config_php( $source, array(), $pipes ) : false;
	}
	while ( false !== $child ) {
		$number = array_search( $id, array_column( $request['sites'], 'id' ), true );
		while ( preg_match( '/\A(.*?)\nwpstate-config (\d+) (ended|again|late)\n/s', $held, $answer ) ) {
			$held = substr( $held, strlen( $answer[0] ) );
			if ( (int) $answer[2] === $number ) {
				return 'ended' === $answer[3] ? $answer[1] . ' ' : null; // Never empty: it is asked once.
			}
		}
		$more = wpstate_read_some( $pipes[3], 12 );
		if ( '' === $more || strlen( $held ) > 1048576 ) {
			proc_terminate( $child, 9 );
			proc_close( $child );
			$child = false;
		}
		$held .= $more;
	}
	return '';
}

/** For each site that is there its number in the request, and the words for wp_config.php. */
function wpstate_configs_wanted( $request ) {
	$wanted = array();
	foreach ( $request['sites'] as $number => $site ) {
		$wp = realpath( $site['wp_path'] );
		if ( false !== $wp ) {
			$wanted[ $number ] = array_merge( array( 'wp_config.php' ), wpstate_config_words( $wp, $site ) );
		}
	}
	return $wanted;
}

/** What a pipe brings next; empty at its end and after $limit_s. */
function wpstate_read_some( $pipe, $limit_s ) {
	$ready = array( $pipe );
	$none  = null;
	stream_set_blocking( $pipe, false );
	return stream_select( $ready, $none, $none, $limit_s ) ? (string) fread( $pipe, 65536 ) : '';
}

/** A pipe's text up to its end; null where that takes longer than $limit_s or brings over 1 MiB. */
function wpstate_read( $pipe, $limit_s ) {
	$until = microtime( true ) + $limit_s;
	$text  = '';
	while ( ! feof( $pipe ) ) {
		$left = $until - microtime( true );
		if ( $left <= 0 || strlen( $text ) > 1048576 ) {
			return null;
		}
		$text .= wpstate_read_some( $pipe, min( 1, (int) ceil( $left ) ) );
	}
	return $text;
}
