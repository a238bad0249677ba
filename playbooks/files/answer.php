<?php
/*
 * Comes before every script that site_php runs on a host: the request, the one answer, and the
 * promise that every way to end gives an answer. $wpstate_request and $wpstate_nonce are set by
 * the lines that site_php puts above. Runs on PHP 7.4 to 8.4, without WordPress.
 */

/** What this script was asked: the `wpstate` facts and the task's data in one list. */
function request(): array {
	global $wpstate_request;
	return $wpstate_request;
}

/** Give the one answer and end. */
function answer( array $answer ): void {
	global $wpstate_nonce;
	static $given = false;
	if ( $given ) {
		return;
	}
	$given = true;
	$flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;
	$json  = json_encode( $answer + array( 'changed' => false ), $flags );
	fwrite( fopen( 'php://stdout', 'w' ), "\n$wpstate_nonce " . strlen( $json ) . "\n$json\n" );
	exit( 0 );
}

/** Answer with a failure and end. */
function fail( string $message, array $more = array() ): void {
	answer( array( 'failed' => true, 'msg' => $message ) + $more );
}

function run_path( string $below ): string {
	return request()['run_dir'] . '/' . $below;
}

/** Say no on purpose, for a reason that a person can act on. */
function refuse( string $message, array $more = array() ): void {
	fail( $message, array( 'refused' => true ) + $more );
}

/** A controller that slept may have been overtaken: nothing of its run may touch the site then. */
function require_lock(): void {
	if ( ! is_file( run_path( 'epoch' ) ) ) {
		return; // not a run of the safety net
	}
	$lock  = dirname( request()['run_dir'], 2 ) . '/lock';
	$info  = (string) @file_get_contents( "$lock/info" );
	$taken = array_filter( (array) @scandir( $lock ), static fn( $name ) => 0 === strpos( (string) $name, 'taken.' ) );
	if ( $taken || ! in_array( 'run=' . request()['run'], explode( "\n", $info ), true ) ) {
		refuse( 'this run does not hold the site\'s lock any more' );
	}
}

/** Record process groups, so that a cancelled run can end them over another connection. */
function record_groups( int ...$children ): void {
	$stat = @file_get_contents( '/proc/self/stat' );
	$own  = function_exists( 'posix_getpgrp' ) ? posix_getpgrp() : 0;
	if ( ! $own && $stat ) {
		$own = (int) explode( ' ', substr( $stat, strrpos( $stat, ')' ) + 2 ) )[2];
	}
	$groups = array_filter( array_merge( $children, array( $own ) ), static fn( $group ) => $group > 1 );
	if ( is_dir( request()['run_dir'] ) ) {
		@file_put_contents( run_path( 'pgid' ), implode( "\n", array_map( 'group_mark', $groups ) ) . "\n" );
	}
}

/** A group's number with what tells it from a later one of that number (safetynet/holder.sh). */
function group_mark( int $group ): string {
	$stat  = (string) @file_get_contents( "/proc/$group/stat" );
	$after = explode( ' ', (string) substr( $stat, (int) strrpos( $stat, ')' ) + 2 ) );
	$boot  = trim( (string) @file_get_contents( '/proc/sys/kernel/random/boot_id' ) );
	return "$group " . ( $after[19] ?? '-' ) . ' ' . ( '' === $boot ? '-' : $boot );
}

umask( 0022 );
set_error_handler(
	static function ( int $level, string $message, string $file, int $line ): bool {
		if ( error_reporting() & $level & ~E_DEPRECATED ) {
			throw new ErrorException( $message, 0, $level, $file, $line );
		}
		return true;
	}
);
set_exception_handler(
	static function ( Throwable $error ): void {
		fail( $error->getMessage() . ' (script line ' . $error->getLine() . ')' );
	}
);
register_shutdown_function(
	static function (): void {
		@unlink( run_path( 'pgid' ) );
		$error = error_get_last();
		fail( $error ? $error['message'] : 'the script ended without an answer' );
	}
);
record_groups();
require_lock();
