<?php
/*
 * Run a child PHP with a deadline and hear its answer through all its noise.
 * Comes after answer.php.
 */

const TAIL_BYTES = 4000;

/**
 * Run $program (PHP code) in a child. It talks in JSON lines on file descriptor 3, where no plugin's
 * output goes: {"step": …} as it goes on, {"hide": [texts that nobody is to be told]}, at last its
 * answer. Returns: step (the last one begun), hide, answer (array or null), exit (code or null), signal
 * (number or null),
 * overdue (bool), tail (the last of what it printed, standard error last).
 */
function run_child( string $program, float $limit_s ): array {
	$options = array( 'display_errors=stderr', 'log_errors=0', 'opcache.enable_cli=0', 'xdebug.mode=off', 'max_execution_time=0' );
	$command = array( PHP_BINARY );
	foreach ( $options as $option ) {
		array_push( $command, '-d', $option );
	}
	$pipe  = array( 'pipe', 'w' );
	$pipes = array();
	$child = proc_open( $command, array( array( 'pipe', 'r' ), $pipe, $pipe, $pipe ), $pipes, request()['wp_path'] );
	if ( ! is_resource( $child ) ) {
		fail( 'PHP may start no program on this host (proc_open)' );
	}
	$pid = proc_get_status( $child )['pid'];
	record_groups( $pid ); // it makes itself a group's leader
	fwrite( $pipes[0], $program );
	fclose( $pipes[0] );
	unset( $pipes[0] );
	$heard  = array( 1 => '', 2 => '', 3 => '' );
	$until  = microtime( true ) + $limit_s;
	$status = array( 'running' => true );
	while ( $status['running'] && microtime( true ) < $until ) {
		listen( $pipes, $heard, 0.05 );
		$status = proc_get_status( $child );
	}
	// Its whole group, also after a good end: nobody may go on writing once the site is snapshot and judged.
	end_group( $pid, $child );
	listen( $pipes, $heard, 0.0 );
	$lines = array_filter( array_map( static fn( $line ) => json_decode( $line, true ), explode( "\n", $heard[3] ) ), 'is_array' );
	$steps = array_column( $lines, 'step' );
	$last  = end( $lines );
	return array(
		'step'    => end( $steps ) ?: 'start PHP',
		'hide'    => array_merge( array(), ...array_column( $lines, 'hide' ) ),
		'answer'  => $last && ! isset( $last['step'] ) && ! isset( $last['hide'] ) ? $last : null,
		'overdue' => $status['running'],
		'exit'    => $status['running'] || $status['signaled'] ? null : $status['exitcode'],
		'signal'  => ! $status['running'] && $status['signaled'] ? $status['termsig'] : null,
		'tail'    => trim( strip_tags( $heard[1] ) . "\n" . $heard[2] ),
	);
}

/** Read what there is, waiting $wait_s for the first of it. Forgets pipes that have ended. */
function listen( array &$pipes, array &$heard, float $wait_s ): void {
	do {
		$ready = $pipes;
		$write = null;
		$more  = false;
		if ( ! $ready ) {
			usleep( (int) ( $wait_s * 1e6 ) );
			return;
		}
		if ( ! stream_select( $ready, $write, $write, 0, (int) ( $wait_s * 1e6 ) ) ) {
			return;
		}
		foreach ( $ready as $number => $pipe ) {
			$bytes = fread( $pipe, 65536 );
			if ( '' === $bytes || false === $bytes ) {
				unset( $pipes[ $number ] );
				continue;
			}
			$more             = true;
			$heard[ $number ] = substr( $heard[ $number ] . $bytes, 3 === $number ? -1000000 : -TAIL_BYTES );
		}
		$wait_s = 0.0;
	} while ( $more );
}

function end_group( int $pid, $child ): void {
	if ( function_exists( 'posix_kill' ) ) {
		posix_kill( -$pid, 9 );
	}
	if ( proc_get_status( $child )['running'] ) {
		proc_terminate( $child, 9 );
	}
}
