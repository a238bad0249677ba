<?php
/*
 * Follows maintenance.php in a site's .maintenance. Notes which tables the run's own requests
 * change, before each query, and afterwards the numbers of the rows that they added: what is not
 * noted and changed meanwhile was written by somebody else, and outlives a rollback. Notes lie in
 * a table that the last line of the file names. Runs on PHP 5.6 to 8.4, WordPress 4.7 to 7.1.
 */
if ( defined( 'WPSTATE_TOKEN_HELD' ) && ! defined( 'WPSTATE_NOTES' ) && function_exists( 'add_filter' ) ) {
	define( 'WPSTATE_NOTES', true );
	call_user_func(
		function () {
			$facts = preg_match_all( '/^# wpstate (\{.+\})\s*$/m', (string) file_get_contents( __FILE__ ), $lines )
				? json_decode( end( $lines[1] ), true )
				: null;
			if ( empty( $facts['notes'] ) || ! preg_match( '/^\w+$/', $facts['notes'] ) ) {
				return;
			}
			$notes   = $facts['notes'];
			$pending = 0;
			$many    = '';
			$begun   = false;
			$say     = function ( $statement ) {
				global $wpdb;
				$dbh = isset( $wpdb ) ? $wpdb->dbh : null;
				try {
					return $dbh instanceof mysqli && @mysqli_query( $dbh, $statement ) ? (int) mysqli_insert_id( $dbh ) : 0;
				} catch ( Exception $error ) {
					return 0;
				}
			};
			// wpdb knows what the last query added until it begins the next one. A row that was there
			// before and is replaced counts twice there; NULL is what cannot be told.
			$settle = function () use ( &$pending, &$many, $notes, $say ) {
				global $wpdb;
				if ( $pending ) {
					$added = max( 0, (int) $wpdb->rows_affected );
					if ( '' !== $many && $added > 1 ) {
						$added = $added > 2 ? 'NULL' : ( 'REPLACE' === $many ? 1 : 0 );
					}
					// wpdb::insert() forgets the last number before it begins; the connection still has it.
					$first = (int) $wpdb->insert_id ?: ( $wpdb->dbh instanceof mysqli ? (int) mysqli_insert_id( $wpdb->dbh ) : 0 );
					$say( "UPDATE `$notes` SET first_id = $first, added = $added WHERE seq = $pending" );
					$pending = 0;
				}
			};
			add_filter(
				'query',
				function ( $query ) use ( &$pending, &$many, &$begun, $notes, $say, $settle ) {
					global $wpdb;
					$settle();
					if ( ! $begun ) {
						$begun = true;
						$say( "INSERT INTO `$notes` (name, added) VALUES ('.', 0)" );
					}
					$text = ltrim( preg_replace( '#^\s*(/\*.*?\*/\s*)+#s', '', (string) substr( $query, 0, 4000 ) ), " \t\r\n(" );
					if ( ! preg_match( '/^(INSERT|REPLACE|UPDATE|DELETE|ALTER|CREATE|DROP|TRUNCATE|RENAME|LOAD)\b/i', $text, $verb ) ) {
						return $query;
					}
					$word = strtoupper( $verb[1] );
					$adds = in_array( $word, array( 'INSERT', 'REPLACE' ), true );
					$many = 'REPLACE' === $word ? $word : ( stripos( $query, 'ON DUPLICATE KEY' ) ? 'UPDATE' : '' );
					// Names, not values: a value may hold anything.
					$head = preg_replace( '/\'(?:[^\'\\\\]|\\\\.|\'\')*\'?|"(?:[^"\\\\]|\\\\.|"")*"?/s', '?', $text );
					if ( $adds || ! preg_match( '/^(UPDATE|DELETE|DROP|RENAME)/i', $head ) ) {
						$head = (string) substr( $head, 0, 200 );
					}
					$prefixes = array_unique( array( preg_quote( $wpdb->prefix, '/' ), preg_quote( $wpdb->base_prefix, '/' ) ) );
					preg_match_all( '/(?<![\w$])(?:' . implode( '|', $prefixes ) . ')[\w$-]+/', $head, $found );
					$names = array_unique( $found[0] );
					foreach ( $adds ? array_slice( $names, 0, 1 ) : $names as $name ) {
						$at = $say( "INSERT INTO `$notes` (name, added) VALUES ('" . addslashes( $name ) . "', " . ( $adds ? 'NULL' : '0' ) . ')' );
						if ( $adds ) {
							$pending = $at;
						}
					}
					return $query;
				},
				PHP_INT_MAX
			);
			register_shutdown_function( $settle );
		}
	);
}
