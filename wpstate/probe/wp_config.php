<?php
/*
 * Evaluates one site's wp-config.php as core would, up to the line that loads wp-settings.php, and
 * prints one JSON object: the file, its constants, $table_prefix, or the fault that stopped it.
 * Neither WordPress nor a plugin runs. Connecting to anything is left to the caller.
 *
 *     php wp_config.php WP_PATH [HTTP_HOST [DESCRIPTOR [CONSTANT,CONSTANT]]]
 *
 * The JSON goes to DESCRIPTOR (1 by default; anything wp-config.php prints is dropped). It holds the
 * database password and the salts: read it on the host, send it nowhere. PHP 7.4 to 8.4, command line.
 */

/** Stands in for PHP's own file access: every file as it is, but wp-settings.php ends the run. */
class Wpstate_Files {
	public $context;
	private $handle;

	public function stream_open( $path, $mode, $options, &$opened_path ) {
		$include = (bool) ( $options & 128 ); // STREAM_OPEN_FOR_INCLUDE of PHP's C source.
		if ( $include && 'wp-settings.php' === basename( $path ) ) {
			$this->handle = fopen( 'php://memory', 'w+' );
			fwrite( $this->handle, '<?php wpstate_settings_reached();' );
			rewind( $this->handle );
			return true;
		}
		$use_path     = (bool) ( $options & STREAM_USE_PATH );
		$this->handle = self::really( $options, 'fopen', self::with( $this->context, $path, $mode, $use_path ) );
		return false !== $this->handle;
	}

	public function dir_opendir( $path ) {
		$this->handle = self::really( 0, 'opendir', self::with( $this->context, $path ) );
		return false !== $this->handle;
	}

	public function url_stat( $path, $flags ) {
		$quiet = $flags & STREAM_URL_STAT_QUIET ? 0 : STREAM_REPORT_ERRORS;
		return self::really( $quiet, $flags & STREAM_URL_STAT_LINK ? 'lstat' : 'stat', array( $path ) );
	}

	public function stream_metadata( $path, $option, $value ) {
		$calls = array(
			STREAM_META_TOUCH      => 'touch',
			STREAM_META_OWNER_NAME => 'chown',
			STREAM_META_OWNER      => 'chown',
			STREAM_META_GROUP_NAME => 'chgrp',
			STREAM_META_GROUP      => 'chgrp',
			STREAM_META_ACCESS     => 'chmod',
		);
		return self::really( STREAM_REPORT_ERRORS, $calls[ $option ], array_merge( array( $path ), (array) $value ) );
	}

	public function mkdir( $path, $mode, $options ) {
		$recursive = (bool) ( $options & STREAM_MKDIR_RECURSIVE );
		return self::really( STREAM_REPORT_ERRORS, 'mkdir', array( $path, $mode, $recursive ) );
	}

	public function rename( $from, $to ) {
		return self::really( STREAM_REPORT_ERRORS, 'rename', array( $from, $to ) );
	}

	public function unlink( $path ) {
		return self::really( STREAM_REPORT_ERRORS, 'unlink', array( $path ) );
	}

	public function rmdir( $path ) {
		return self::really( STREAM_REPORT_ERRORS, 'rmdir', array( $path ) );
	}

	public function stream_read( $count ) {
		return fread( $this->handle, $count );
	}

	public function stream_write( $data ) {
		return fwrite( $this->handle, $data );
	}

	public function stream_eof() {
		return feof( $this->handle );
	}

	public function stream_tell() {
		return ftell( $this->handle );
	}

	public function stream_seek( $offset, $whence ) {
		return 0 === fseek( $this->handle, $offset, $whence );
	}

	public function stream_stat() {
		return fstat( $this->handle );
	}

	public function stream_flush() {
		return fflush( $this->handle );
	}

	public function stream_truncate( $size ) {
		return ftruncate( $this->handle, $size );
	}

	public function stream_lock( $operation ) {
		return 0 === $operation || flock( $this->handle, $operation );
	}

	public function stream_set_option() {
		return false;
	}

	public function stream_cast() {
		return $this->handle;
	}

	public function stream_close() {
		fclose( $this->handle );
	}

	public function dir_readdir() {
		return readdir( $this->handle );
	}

	public function dir_rewinddir() {
		rewinddir( $this->handle );
		return true;
	}

	public function dir_closedir() {
		closedir( $this->handle );
		return true;
	}

	/** Adds a context to a call's arguments where the caller had one. */
	private static function with( $context, ...$arguments ) {
		return null === $context ? $arguments : array_merge( $arguments, array( $context ) );
	}

	private static function really( $options, $call, $arguments ) {
		stream_wrapper_restore( 'file' );
		try {
			return $options & STREAM_REPORT_ERRORS ? $call( ...$arguments ) : @$call( ...$arguments );
		} finally {
			self::stand_in();
		}
	}

	public static function stand_in() {
		stream_wrapper_unregister( 'file' );
		stream_wrapper_register( 'file', __CLASS__ );
	}
}

/** Called by what stands in for wp-settings.php: core knows now all that wp-config.php says. */
function wpstate_settings_reached() {
	$GLOBALS['wpstate_answer']['fault'] = null;
	exit( 0 );
}

function wpstate_fault( $code, $detail ) {
	$GLOBALS['wpstate_answer']['fault'] = array(
		'code'   => $code,
		'detail' => $detail,
	);
}

/** One sentence about an error, without the password that its message may hold. */
function wpstate_told( $message, $file, $line ) {
	$secret = defined( 'DB_PASSWORD' ) ? (string) constant( 'DB_PASSWORD' ) : '';
	$told   = strtok( $message, "\n" ) . ' in ' . $file . ' on line ' . $line;
	return '' === $secret ? $told : str_replace( $secret, '***', $told );
}

/** Runs at the end whatever happened, so that a wp-config.php that exits or dies is told too. */
function wpstate_answer() {
	@stream_wrapper_restore( 'file' ); // It warns where a missing wp-config.php left it as it was.
	$error = error_get_last();
	$fatal = array( E_ERROR, E_COMPILE_ERROR, E_CORE_ERROR, E_USER_ERROR );
	$fault = $GLOBALS['wpstate_answer']['fault'];
	if ( null !== $error && in_array( $error['type'], $fatal, true ) && 'wp_config_exit' === $fault['code'] ) {
		wpstate_fault( 'wp_config_exit', wpstate_told( $error['message'], $error['file'], $error['line'] ) );
	}
	$names = array(
		'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_CHARSET', 'DB_COLLATE', 'MYSQL_CLIENT_FLAGS',
		'WP_CONTENT_DIR', 'WP_PLUGIN_DIR', 'WPMU_PLUGIN_DIR', 'UPLOADS', 'WP_HOME', 'WP_SITEURL', 'WPLANG',
		'DISALLOW_FILE_MODS', 'MULTISITE', 'SITE_ID_CURRENT_SITE', 'CUSTOM_USER_TABLE', 'CUSTOM_USER_META_TABLE',
	);
	$constants = array();
	foreach ( array_merge( $names, $GLOBALS['wpstate_asked'] ) as $name ) {
		if ( defined( $name ) && is_scalar( constant( $name ) ) ) {
			$constants[ $name ] = constant( $name );
		}
	}
	$prefix = isset( $GLOBALS['table_prefix'] ) ? $GLOBALS['table_prefix'] : null;

	$GLOBALS['wpstate_answer']['constants']    = (object) $constants;
	$GLOBALS['wpstate_answer']['table_prefix'] = is_string( $prefix ) ? $prefix : null;
	while ( ob_get_level() > 0 && ob_end_clean() ) {
		continue;
	}
	$json = json_encode( $GLOBALS['wpstate_answer'], JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES );
	file_put_contents( 'php://fd/' . $GLOBALS['wpstate_descriptor'], $json . "\n" );
}

$wpstate_descriptor = isset( $argv[3] ) ? (int) $argv[3] : 1;
$wpstate_asked      = isset( $argv[4] ) ? array_filter( explode( ',', $argv[4] ) ) : array();
$wpstate_answer     = array(
	'config' => null,
	'fault'  => array(
		'code'   => 'wp_config_missing',
		'detail' => 'no wp-config.php where core looks for it',
	),
);
ini_set( 'display_errors', '0' );
ob_start();
register_shutdown_function( 'wpstate_answer' );

define( 'ABSPATH', rtrim( (string) realpath( $argv[1] ), '/' ) . '/' );
// As wp-load.php does it (WordPress 7.1.1): in ABSPATH, else one level up, unless that is another
// install's.
if ( file_exists( ABSPATH . 'wp-config.php' ) ) {
	$wpstate_answer['config'] = ABSPATH . 'wp-config.php';
} elseif ( file_exists( dirname( ABSPATH ) . '/wp-config.php' ) && ! file_exists( dirname( ABSPATH ) . '/wp-settings.php' ) ) {
	$wpstate_answer['config'] = dirname( ABSPATH ) . '/wp-config.php';
}
if ( null !== $wpstate_answer['config'] ) {
	chdir( ABSPATH );
	// A web request's usual values, because one wp-config.php often serves several addresses.
	$_SERVER['HTTP_HOST']      = isset( $argv[2] ) ? $argv[2] : 'localhost';
	$_SERVER['SERVER_NAME']    = preg_replace( '/:\d+$/', '', $_SERVER['HTTP_HOST'] );
	$_SERVER['REQUEST_METHOD'] = 'GET';
	$_SERVER['REQUEST_URI']    = '/';
	$_SERVER['DOCUMENT_ROOT']  = rtrim( ABSPATH, '/' );
	wpstate_fault( 'wp_config_exit', 'wp-config.php ended before it loaded wp-settings.php' );
	Wpstate_Files::stand_in();
	try {
		require_once $wpstate_answer['config'];
	} catch ( ParseError $error ) {
		// PHP's own message quotes the source, and the source holds passwords.
		wpstate_fault( 'wp_config_parse_error', wpstate_told( 'syntax error', $error->getFile(), $error->getLine() ) );
	} catch ( Throwable $error ) {
		wpstate_fault( 'wp_config_exit', wpstate_told( $error->getMessage(), $error->getFile(), $error->getLine() ) );
	}
}
