<?php
/*
 * WordPress's scheduled events, whether requests start them, and this site's own line in the account's
 * crontab, which wpstate sets. Events are read without giving birth to objects.
 */

/** In bytes. A name is shown cut to far less. */
const WPSTATE_LONGEST_HOOK = 200;

/** $ask: hooks, overdue_s, constants. Shape: schemas/kinds/cron.observed.schema.json. */
function wpstate_kind_cron( $ask, $place ) {
	if ( null === $place['link'] ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$rows = wpstate_rows( $place['link'], "SELECT IF(LENGTH(option_value) > 4194304, NULL, option_value) FROM `{$place['prefix']}options` WHERE option_name = 'cron'" );
	if ( null === $rows ) {
		throw new RuntimeException( 'the events cannot be read' );
	}
	if ( $rows && null === $rows[0][0] ) {
		throw new RuntimeException( 'the events are more than 4 MiB: too many to be read' );
	}
	return wpstate_cron_events( $rows ? wpstate_list( $rows[0][0] ) : array(), $ask )
		+ wpstate_cron_schedule( $place['wp'], basename( wpstate_state_folder( $place['wp'] ) ) )
		+ array( 'constants' => wpstate_config_constants( $ask['constants'], $place ) );
}

function wpstate_cron_events( $list, $ask ) {
	$hooks   = array_fill_keys( $ask['hooks'], 0 );
	$overdue = array();
	foreach ( $list as $at => $events ) {
		foreach ( is_int( $at ) && is_array( $events ) ? $events : array() as $hook => $several ) {
			$count = is_array( $several ) ? count( $several ) : 0;
			if ( isset( $hooks[ $hook ] ) ) {
				$hooks[ $hook ] += $count;
			}
			if ( $at < time() - $ask['overdue_s'] && $count ) {
				$overdue[ $hook ] = $count + ( isset( $overdue[ $hook ] ) ? $overdue[ $hook ] : 0 );
			}
		}
	}
	ksort( $overdue );
	return array(
		'hooks'   => (object) $hooks,
		'overdue' => array( 'count' => array_sum( $overdue ), 'hooks' => array_map( 'wpstate_cron_named', array_slice( array_keys( $overdue ), 0, 3 ) ) ),
	);
}

/** A hook may be called anything, as long as the option that holds all of them. */
function wpstate_cron_named( $hook ) {
	return substr( (string) $hook, 0, WPSTATE_LONGEST_HOOK );
}

/** The line that roles/cron set, told by the mark at its end. */
function wpstate_cron_schedule( $wp, $key ) {
	$none = array( 'crontab' => 'none', 'schedule' => null, 'is_ours' => false );
	$read = array( array( 'file', '/dev/null', 'r' ), array( 'pipe', 'w' ), array( 'pipe', 'w' ) );
	$run  = function_exists( 'proc_open' ) ? @proc_open( array( 'crontab', '-l' ), $read, $pipes ) : false;
	if ( ! is_resource( $run ) ) {
		return $none;
	}
	$text = wpstate_read( $pipes[1], 5 );
	$said = wpstate_read( $pipes[2], 1 );
	$exit = proc_close( $run );
	if ( null === $text || 127 === $exit ) {
		return $none;
	}
	if ( 0 !== $exit && false === stripos( (string) $said, 'no crontab for' ) ) {
		return array( 'crontab' => 'refused' ) + $none;
	}
	$mark = "# wpstate cron $key";
	foreach ( explode( "\n", $text ) as $line ) {
		if ( substr( $line, -strlen( $mark ) ) === $mark ) {
			$due = escapeshellarg( PHP_BINARY ) . ' ' . escapeshellarg( "$wp/wp-cron.php" ) . " >/dev/null 2>&1 $mark";
			preg_match( '/^((?:\S+ ){4}\S+) (.*)$/D', $line, $parts );
			return array(
				'crontab'  => 'there',
				'schedule' => isset( $parts[1] ) ? substr( $parts[1], 0, 100 ) : '',
				'is_ours'  => isset( $parts[2] ) && $parts[2] === $due,
			);
		}
	}
	return array( 'crontab' => 'there' ) + $none;
}
