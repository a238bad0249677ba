<?php
/*
 * Which version of its data a plugin's code asks for, and what it put off: read as text and by SELECTs.
 * Shared by the probe, which looks, and by the one start of WordPress, which drives migrations to their
 * end. PHP 7.4 to 8.4. $query( $sql ) gives rows as lists of values, null where the database refuses.
 */

const WPSTATE_VERSION_CHARACTERS = '[0-9A-Za-z][0-9A-Za-z._+-]{0,63}';

/** has: version of the data, asks: version that the code asks for, left: pieces of work put off, due_s. */
function wpstate_migration( array $row, $folder, $prefix, callable $query ) {
	$has = wpstate_migration_option( $row['option'], $prefix, $query );
	return array(
		'has'  => $has,
		'asks' => 'option' === $row['by'] ? wpstate_migration_option( $row['want'], $prefix, $query ) : wpstate_migration_asks( $row, $folder ),
	) + wpstate_migration_left( $row, $prefix, $query );
}

/** An option's text as the table has it, cut to what a version may be long; null where it is not there. */
function wpstate_migration_option( $name, $prefix, callable $query ) {
	$rows = $query( "SELECT LEFT(option_value, 100) FROM `{$prefix}options` WHERE option_name = '" . addslashes( $name ) . "'" );
	if ( null === $rows ) {
		throw new RuntimeException( 'the options cannot be read' );
	}
	return $rows ? (string) $rows[0][0] : null;
}

/** What the code says, or null. No plugin's code runs. */
function wpstate_migration_asks( array $row, $folder ) {
	$file = $folder . '/' . $row['file'];
	$text = is_file( $file ) && is_readable( $file ) ? (string) file_get_contents( $file, false, null, 0, 2097152 ) : '';
	$name = preg_quote( $row['want'], '/' );
	// In quotation marks, or a plain number, and nothing that would have to be worked out.
	$is = '(?|[\'"](' . WPSTATE_VERSION_CHARACTERS . ')[\'"]|([0-9][0-9.]{0,20}))\s*[,;)]';
	if ( 'keys' === $row['by'] ) {
		return wpstate_migration_newest_key( $text, $name );
	}
	$forms = array(
		'constant' => array( "/\\bdefine\\s*\\(\\s*['\"]{$name}['\"]\\s*,\\s*$is/", "/\\bconst\\s+{$name}\\s*=\\s*$is/" ),
		'variable' => array( "/\\\${$name}\\s*=\\s*$is/" ),
		'header'   => array( "/^[ \\t\\/*#@]*{$name}:[ \\t]*(" . WPSTATE_VERSION_CHARACTERS . ')/mi' ),
	);
	foreach ( $forms[ $row['by'] ] as $form ) {
		if ( preg_match( $form, $text, $found ) ) {
			return $found[1];
		}
	}
	return null;
}

/** The newest version among the keys of the list that a variable is set to. */
function wpstate_migration_newest_key( $text, $name ) {
	if ( ! preg_match( "/\\\${$name}\\s*=\\s*(?:array\\s*\\(|\\[)/", $text, $begin, PREG_OFFSET_CAPTURE ) ) {
		return null;
	}
	$at     = $begin[0][1] + strlen( $begin[0][0] );
	$end    = $at;
	$length = strlen( $text );
	for ( $depth = 1; $depth > 0 && $end < $length; ++$end ) {
		$depth += false !== strpos( '([', $text[ $end ] ) ? 1 : ( false !== strpos( ')]', $text[ $end ] ) ? -1 : 0 );
	}
	preg_match_all( '/[\'"](' . WPSTATE_VERSION_CHARACTERS . ')[\'"]\s*=>/', substr( $text, $at, $end - $at ), $found );
	usort( $found[1], 'version_compare' );
	return $found[1] ? end( $found[1] ) : null;
}

/** left is null where the plugin puts nothing off; due_s: for how long the oldest piece has been due. */
function wpstate_migration_left( array $row, $prefix, callable $query ) {
	$left = null;
	$due  = null;
	if ( '' !== $row['queue'] ) {
		$rows = $query(
			"SELECT COUNT(*), TIMESTAMPDIFF(SECOND, MIN(a.scheduled_date_gmt), UTC_TIMESTAMP()) FROM `{$prefix}actionscheduler_actions` a"
			. " JOIN `{$prefix}actionscheduler_groups` g ON g.group_id = a.group_id"
			. " WHERE a.status IN ('pending', 'in-progress') AND g.slug = '" . addslashes( $row['queue'] ) . "'"
		);
		$left = $rows ? (int) $rows[0][0] : 0;
		$due  = $rows && null !== $rows[0][1] ? max( 0, (int) $rows[0][1] ) : null;
	}
	if ( '' !== $row['batches'] ) {
		$like = addcslashes( addslashes( $row['batches'] ), '_%' );
		$rows = $query( "SELECT COUNT(*) FROM `{$prefix}options` WHERE option_name LIKE '$like%'" );
		$left = (int) $left + ( $rows ? (int) $rows[0][0] : 0 );
	}
	return array( 'left' => $left, 'due_s' => $due );
}
