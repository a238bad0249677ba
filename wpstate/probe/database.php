<?php
/*
 * What the probe reads from one site's database, with SELECTs alone. Left to others: who may be asked
 * (wp_config.php), what the values mean (wpstate.resources.observation).
 */

const WPSTATE_LARGE_TABLE_BYTES = 1048576;
const WPSTATE_MOST_LARGE_TABLES = 200;
/** A database server that took so long to say no has nothing to say to the account's other sites. */
const WPSTATE_SILENT_S = 3;

/**
 * Connects as wpdb::db_connect does (WordPress 7.1.1), but for at most 5 s.
 *
 * @return array{0: ?mysqli, 1: ?string} The connection, or why there is none.
 */
function wpstate_connect( $constants ) {
	$name = isset( $constants['DB_NAME'] ) ? (string) $constants['DB_NAME'] : '';
	if ( '' === $name ) {
		return array( null, 'wp-config.php defines no DB_NAME' );
	}
	mysqli_report( MYSQLI_REPORT_OFF );
	$link = mysqli_init();
	$link->options( MYSQLI_OPT_CONNECT_TIMEOUT, 5 );
	$link->options( MYSQLI_OPT_READ_TIMEOUT, 10 );
	static $silent = array();
	list( $host, $port, $socket ) = wpstate_database_address( isset( $constants['DB_HOST'] ) ? (string) $constants['DB_HOST'] : '' );
	$server = "$host:$port:$socket";
	if ( isset( $silent[ $server ] ) ) { // Its other sites need not wait as long again.
		return array( null, $silent[ $server ] );
	}
	$began_at  = microtime( true );
	$connected = @$link->real_connect(
		$host,
		isset( $constants['DB_USER'] ) ? (string) $constants['DB_USER'] : '',
		isset( $constants['DB_PASSWORD'] ) ? (string) $constants['DB_PASSWORD'] : '',
		null,
		$port,
		$socket,
		isset( $constants['MYSQL_CLIENT_FLAGS'] ) ? (int) $constants['MYSQL_CLIENT_FLAGS'] : 0
	);
	if ( ! $connected ) {
		$why = 'error ' . $link->connect_errno . ': ' . $link->connect_error;
		if ( microtime( true ) - $began_at > WPSTATE_SILENT_S ) {
			$silent[ $server ] = $why;
		}
		return array( null, $why );
	}
	if ( ! $link->select_db( $name ) ) {
		return array( null, 'error ' . $link->errno . ': ' . $link->error );
	}
	$link->set_charset( 'utf8mb4' );
	return array( $link, null );
}

/** Host, port and socket of DB_HOST, as wpdb::parse_db_host reads it (WordPress 7.1.1). */
function wpstate_database_address( $host ) {
	$socket   = null;
	$position = strpos( $host, ':/' );
	if ( false !== $position ) {
		$socket = substr( $host, $position + 1 );
		$host   = substr( $host, 0, $position );
	}
	$is_ipv6 = substr_count( $host, ':' ) > 1;
	$pattern = $is_ipv6 ? '#^(?:\[)?(?P<host>[0-9a-fA-F:]+)(?:\]:(?P<port>[\d]+))?#' : '#^(?P<host>[^:/]*)(?::(?P<port>[\d]+))?#';
	if ( 1 !== preg_match( $pattern, $host, $parts ) ) {
		return array( $host, null, $socket );
	}
	$name = $is_ipv6 && extension_loaded( 'mysqlnd' ) ? '[' . $parts['host'] . ']' : $parts['host'];
	return array( $name, empty( $parts['port'] ) ? null : (int) $parts['port'], $socket );
}

/** All rows of a query as lists of values; null where the database refuses it. */
function wpstate_rows( $link, $sql ) {
	$result = $link->query( $sql );
	return $result instanceof mysqli_result ? $result->fetch_all( MYSQLI_NUM ) : null;
}

/** The options that tell what the site is, by name. Null where the table cannot be read. */
function wpstate_options( $link, $prefix ) {
	$rows = wpstate_rows(
		$link,
		"SELECT option_name, option_value FROM `{$prefix}options` WHERE option_name IN"
		. " ('siteurl', 'home', 'active_plugins', 'db_version', 'WPLANG', 'template', 'stylesheet', 'upload_path')"
	);
	return null === $rows ? null : array_column( $rows, 1, 0 );
}

/** Main files of the plugins that are active, on a network also those active for all of it. */
function wpstate_active_plugins( $link, $prefix, $constants, $options ) {
	$active = wpstate_list( isset( $options['active_plugins'] ) ? $options['active_plugins'] : '' );
	if ( ! empty( $constants['MULTISITE'] ) ) {
		$network = isset( $constants['SITE_ID_CURRENT_SITE'] ) ? (int) $constants['SITE_ID_CURRENT_SITE'] : 1;
		$rows    = wpstate_rows( $link, "SELECT meta_value FROM `{$prefix}sitemeta` WHERE meta_key = 'active_sitewide_plugins' AND site_id = $network" );
		$active  = array_merge( $active, $rows ? array_keys( wpstate_list( $rows[0][0] ) ) : array() );
	}
	return array_values( array_filter( $active, 'is_string' ) );
}

/** A serialized array, objects in it left unborn. */
function wpstate_list( $serialized ) {
	$value = @unserialize( $serialized, array( 'allowed_classes' => false ) );
	return is_array( $value ) ? $value : array();
}

/**
 * Splits the tables of the database into this install's and all others.
 *
 * `wp_` also begins the tables of an install with the prefix `wp_shop_`; that one shows itself by
 * options and users, or, where it shares its users, by options and posts (on a network those may be a
 * subsite's of ours). Tables of a megabyte and more are named, largest first.
 */
function wpstate_tables( $link, $prefix, $is_network ) {
	$rows = wpstate_rows(
		$link,
		'SELECT table_name, table_type, COALESCE(data_length + index_length, 0), engine FROM information_schema.tables'
		. ' WHERE table_schema = DATABASE() ORDER BY 3 DESC, table_name'
	);
	if ( null === $rows ) {
		return null;
	}
	$names  = array_column( $rows, 0, 0 );
	$others = array();
	foreach ( $names as $name ) {
		$other = substr( $name, 0, -strlen( 'options' ) );
		if ( 'options' === substr( $name, -strlen( 'options' ) ) && strlen( $other ) > strlen( $prefix )
			&& ( isset( $names[ $other . 'users' ] ) || ( ! $is_network && isset( $names[ $other . 'posts' ] ) ) ) ) {
			$others[] = $other;
		}
	}
	$tables = array( 'count' => 0, 'size_bytes' => 0, 'large' => array(), 'foreign' => array() );
	foreach ( $rows as list( $name, $type, $size_bytes, $engine ) ) {
		if ( wpstate_begins( $name, array( $prefix ) ) && ! wpstate_begins( $name, $others ) ) {
			$tables['count']      += 'BASE TABLE' === $type ? 1 : 0;
			$tables['size_bytes'] += (int) $size_bytes;
			if ( $size_bytes >= WPSTATE_LARGE_TABLE_BYTES && count( $tables['large'] ) < WPSTATE_MOST_LARGE_TABLES ) {
				$tables['large'][] = array( 'name' => $name, 'size_bytes' => (int) $size_bytes, 'engine' => (string) $engine );
			}
		} else {
			$tables['foreign'][] = $name;
		}
	}
	sort( $tables['foreign'] );
	return $tables;
}

/** Tables of wpdb::$tables and its network's users (WordPress 7.1.1) that no site is whole without. */
function wpstate_missing_tables( $link, $prefix, $constants ) {
	$needed = array( 'commentmeta', 'comments', 'options', 'postmeta', 'posts', 'term_relationships', 'term_taxonomy', 'termmeta', 'terms' );
	foreach ( array( 'users' => 'CUSTOM_USER_TABLE', 'usermeta' => 'CUSTOM_USER_META_TABLE' ) as $table => $elsewhere ) {
		if ( ! isset( $constants[ $elsewhere ] ) && empty( $constants['MULTISITE'] ) ) {
			$needed[] = $table;
		}
	}
	$there = wpstate_rows( $link, 'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()' );
	$names = array_column( null === $there ? array() : $there, 0, 0 );
	return array_values(
		array_filter(
			array_map( static fn( $table ) => $prefix . $table, $needed ),
			static fn( $table ) => ! isset( $names[ $table ] )
		)
	);
}

function wpstate_begins( $name, $prefixes ) {
	foreach ( $prefixes as $prefix ) {
		if ( 0 === strncmp( $name, $prefix, strlen( $prefix ) ) ) {
			return true;
		}
	}
	return false;
}

/** Full name of a table of accounts, quoted; sites may share them (constants of wp-config.php). */
function wpstate_table_of( $place, $constant, $name ) {
	$table = (string) ( $place['constants'][ $constant ] ?? $place['prefix'] . $name );
	if ( ! preg_match( '/^[A-Za-z0-9_$]{1,64}(\.[A-Za-z0-9_$]{1,64})?$/D', $table ) ) {
		throw new RuntimeException( "$constant names no table" );
	}
	return '`' . str_replace( '.', '`.`', $table ) . '`';
}

function wpstate_users_table( $place ) {
	return wpstate_table_of( $place, 'CUSTOM_USER_TABLE', 'users' );
}

function wpstate_meta_table( $place ) {
	return wpstate_table_of( $place, 'CUSTOM_USER_META_TABLE', 'usermeta' );
}
