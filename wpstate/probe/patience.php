<?php
/*
 * How long the probe waits for one site, or for one kind's look at it, while other sites of the account
 * wait: half of the time that is left. A file that is a pipe, a disk that is gone or a question that
 * never ends then costs the others no answer. Where PHP has no pcntl nothing can be interrupted.
 */

/** Thrown into whatever is at work when its time is over. */
class Wpstate_Late extends Exception {
}

/**
 * What begins now may take so long. $until (the end of the whole probe) and $others (sites that wait)
 * are said once for each site; false lets what comes take its time, null ends it.
 */
function wpstate_patience( $until = 0, $others = 0 ) {
	static $able = null, $ends = null, $waiting = 0, $limit_s = 0;
	if ( null === $able ) {
		$able = function_exists( 'pcntl_async_signals' ) && function_exists( 'pcntl_signal' ) && function_exists( 'pcntl_alarm' );
		if ( $able ) {
			pcntl_async_signals( true );
			// Not restarted: what waits for a pipe would go on waiting.
			pcntl_signal(
				SIGALRM,
				static function () use ( &$ends, &$limit_s ) {
					if ( null !== $ends ) {
						throw new Wpstate_Late( "it took longer than $limit_s s" );
					}
				},
				false
			);
		}
	}
	if ( ! $able ) {
		return;
	}
	if ( false === $until ) {
		pcntl_alarm( 0 );
		return;
	}
	if ( 0 !== $until ) {
		$ends    = $until;
		$waiting = $others;
	}
	if ( null === $ends ) {
		pcntl_alarm( 0 );
		return;
	}
	$left    = $ends - microtime( true );
	$limit_s = max( 1, (int) ( $waiting > 0 ? $left / 2 : $left ) );
	pcntl_alarm( $limit_s );
}
