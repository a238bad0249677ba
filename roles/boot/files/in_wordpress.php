<?php
/*
 * Runs inside WordPress, in a child of boot.php: what must be done by the site's own code, in one
 * boot. `$wpstate_asked` is set by the line that boot.php puts above. Speaks on descriptor 3 alone.
 * Telling plugins of an update is left to updates.php, kinds of resource to their roles' in_wordpress.php,
 * each with its function wpstate_in_wordpress_NAME( $asked, $boot ); all come before. Runs on PHP 7.4 to 8.4 and WordPress 6.2 to 7.1.
 */

/** Keeps everything of ours in one name, among the site's globals. */
final class Wpstate_Boot {
	public $asked;
	public $facts = array( 'activated' => array(), 'deactivated' => array(), 'uninstalled' => array(), 'printed' => array(), 'kinds' => array(), 'mails' => 0 );
	private $said = false;

	public function __construct( array $asked ) {
		$this->asked = $asked;
		$this->step( 'load WordPress' );
	}

	/** Say what comes next, so that whoever ends us knows where we were. */
	public function step( string $what ): void {
		$this->send( array( 'step' => $what ) );
	}

	/** Texts that no answer may hold; the parent hears of them for what is printed meanwhile. */
	public function hide( string ...$texts ): void {
		$this->send( array( 'hide' => $texts ) );
	}

	private function send( array $line ): void {
		$flags = JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;
		file_put_contents( 'php://fd/3', json_encode( $line, $flags ) . "\n" );
	}

	/** Whatever happens, one answer leaves: also from exit() and fatal errors in a plugin. */
	public function say( ?string $error = null ): void {
		if ( ! $this->said ) {
			$this->said = true;
			$this->send( $this->facts + array( 'error' => $error ) );
		}
	}

	public function at_shutdown(): void {
		$error = error_get_last();
		$fatal = $error && ( $error['type'] & ( E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR ) );
		$this->say( $fatal ? $this->told( $error['message'], $error['file'], $error['line'] ) : 'the process ended by exit() or die()' );
	}

	/** Look like a request to wp-admin/plugins.php of this site, as an updater there would. */
	public function pretend_request(): void {
		$url  = parse_url( $this->asked['url'] );
		$host = $url['host'] . ( isset( $url['port'] ) ? ":{$url['port']}" : '' );
		$path = ( $url['path'] ?? '' ) . '/wp-admin/plugins.php';
		$tls  = 'https' === $url['scheme'];
		$_SERVER = array(
			'HTTP_X_WPSTATE_TOKEN' => $this->asked['token'],
			'HTTP_HOST'            => $host,
			'SERVER_NAME'          => $url['host'],
			'SERVER_PORT'          => (string) ( $url['port'] ?? ( $tls ? 443 : 80 ) ),
			'SERVER_PROTOCOL'      => 'HTTP/1.1',
			'REQUEST_METHOD'       => 'GET',
			'REQUEST_URI'          => $path,
			'PHP_SELF'             => $path,
			'SCRIPT_NAME'          => $path,
			'SCRIPT_FILENAME'      => $this->asked['wp_path'] . '/wp-admin/plugins.php',
			'DOCUMENT_ROOT'        => $this->asked['wp_path'],
			'QUERY_STRING'         => '',
			'REMOTE_ADDR'          => '127.0.0.1',
			'HTTP_USER_AGENT'      => 'wpstate',
		) + ( $tls ? array( 'HTTPS' => 'on' ) : array() ) + $_SERVER;
		// A script from standard input has no such constants, and plugins use them on the command line.
		foreach ( array( 'STDIN' => 'r', 'STDOUT' => 'w', 'STDERR' => 'w' ) as $name => $mode ) {
			defined( $name ) || define( $name, fopen( 'php://' . strtolower( $name ), $mode ) );
		}
		define( 'WP_ADMIN', true );
		// Core's word for trying out a plugin: its own fatal error handler then stays silent, which
		// would else mail the administrator and pause the plugin.
		define( 'WP_SANDBOX_SCRAPING', true );
	}

	/** Hooks that must stand before any plugin is loaded (WP_Hook::build_preinitialized_hooks). */
	public function early_hooks(): array {
		$hook = static fn( $call, $priority ) => array( $priority => array( array( 'function' => $call, 'accepted_args' => 1 ) ) );
		return array(
			'muplugins_loaded' => $hook( fn() => $this->facts['before'] = $this->active_plugins(), PHP_INT_MIN ),
			'pre_wp_mail'      => $hook( array( $this, 'keep_mail' ), PHP_INT_MAX ),
			'wp_redirect'      => $hook( static fn() => false, PHP_INT_MAX ),
		);
	}

	public function keep_mail(): bool {
		++$this->facts['mails'];
		return false;
	}

	/** From the table itself: an object cache may hold something else. */
	public function active_plugins(): array {
		global $wpdb;
		$value = $wpdb->get_var( "SELECT option_value FROM $wpdb->options WHERE option_name = 'active_plugins'" );
		$list  = @unserialize( (string) $value, array( 'allowed_classes' => false ) );
		return is_array( $list ) ? array_values( array_filter( $list, 'is_string' ) ) : array();
	}

	public function work(): void {
		$this->step( 'become an administrator' );
		$admins = get_users( array( 'role' => 'administrator', 'number' => 1, 'orderby' => 'ID', 'fields' => 'ID' ) );
		wp_set_current_user( (int) ( $admins[0] ?? 0 ) ); // activation hooks ask for its rights
		if ( $this->asked['upgrade_database'] ) {
			$this->upgrade_database();
		}
		if ( null !== $this->asked['locale'] ) {
			$this->set_locale( $this->asked['locale'] );
		}
		foreach ( $this->asked['deactivate'] as $plugin ) {
			$this->deactivate( $plugin );
		}
		foreach ( $this->asked['activate'] as $plugin ) {
			$this->activate( $plugin );
		}
		if ( $this->asked['swapped'] || $this->asked['core_swapped'] ) {
			$this->step( 'tell the plugins what was updated' );
			( new Wpstate_Updates( $this->asked['swapped'], $this->asked['core_swapped'] ) )->tell( array( $this, 'main_file' ) );
		}
		foreach ( $this->asked['kinds'] as $kind => $asked ) {
			// What it changed, as names; nothing where all was so before.
			$this->facts['kinds'][ $kind ] = ( 'wpstate_in_wordpress_' . $kind )( $asked, $this );
		}
		$this->step( 'look at the result' );
		$this->facts['after'] = $this->active_plugins();
		if ( $this->has_changed() ) {
			wp_cache_flush();
		}
	}

	private function has_changed(): bool {
		$facts = $this->facts;
		return isset( $facts['locale'] ) || $this->asked['languages'] || array_filter( $facts['kinds'] ) || $facts['activated'] || $facts['deactivated'] || $this->asked['swapped'] || $this->asked['core_swapped']
			|| ( $facts['database'] ?? array( 0, 0 ) ) !== array_reverse( $facts['database'] ?? array( 0, 0 ) );
	}

	private function upgrade_database(): void {
		global $wp_db_version;
		$this->step( 'upgrade the database' );
		require_once ABSPATH . 'wp-admin/includes/upgrade.php';
		$before = (int) get_option( 'db_version' );
		wp_upgrade();
		$this->facts['database'] = array( $before, (int) get_option( 'db_version' ) );
		if ( $this->facts['database'][1] !== (int) $wp_db_version ) {
			throw new RuntimeException( "the database has version {$this->facts['database'][1]}, not $wp_db_version" );
		}
	}

	/** As wp-admin/options.php does; core's own sanitizing refuses a locale that has no pack. */
	private function set_locale( string $locale ): void {
		$this->step( "set the language to $locale" );
		$before = get_option( 'WPLANG' ); // false: a package in another language then decides
		$option = 'en_US' === $locale ? '' : $locale;
		if ( $before !== $option ) {
			wp_cache_flush(); // an object cache may hold which packs were there before
			update_option( 'WPLANG', $option );
			if ( get_option( 'WPLANG' ) !== $option ) {
				throw new RuntimeException( 'WordPress finds no language pack of it' );
			}
			$this->facts['locale'] = array( $before, $option );
		}
	}

	private function deactivate( array $plugin ): void {
		$this->step( "deactivate {$plugin['slug']}" );
		$file = $this->main_file( $plugin );
		if ( null !== $file && is_plugin_active( $file ) ) {
			deactivate_plugins( array( $file ) );
			$this->facts['deactivated'][] = $file;
		}
		if ( $plugin['purge_data'] && null !== $file && is_file( WP_PLUGIN_DIR . "/$file" ) && is_uninstallable_plugin( $file ) ) {
			$this->step( "uninstall {$plugin['slug']}" );
			uninstall_plugin( $file );
			$this->facts['uninstalled'][] = $file;
		}
	}

	private function activate( array $plugin ): void {
		$this->step( "activate {$plugin['slug']}" );
		wp_clean_plugins_cache( false );
		$file = $this->main_file( $plugin );
		if ( null === $file || ! is_file( WP_PLUGIN_DIR . "/$file" ) ) {
			throw new RuntimeException( 'the plugin has no main file' );
		}
		if ( is_plugin_active( $file ) ) {
			return;
		}
		$error = activate_plugin( $file );
		if ( is_wp_error( $error ) && 'unexpected_output' === $error->get_error_code() ) {
			// Core activates such a plugin too and shows what it printed.
			$this->facts['printed'][ $file ] = substr( (string) $error->get_error_data(), 0, 500 );
		} elseif ( is_wp_error( $error ) ) {
			throw new RuntimeException( wp_strip_all_tags( $error->get_error_message() ) );
		}
		$this->facts['activated'][] = $file;
	}

	public function main_file( array $plugin ): ?string {
		if ( null !== $plugin['file'] ) {
			return $plugin['file'];
		}
		$slug  = $plugin['slug'];
		$files = is_dir( WP_PLUGIN_DIR . "/$slug" ) ? array_keys( get_plugins( "/$slug" ) ) : array();
		$main  = in_array( "$slug.php", $files, true ) ? "$slug.php" : ( $files[0] ?? null );
		return null === $main ? null : "$slug/$main";
	}

	public function told( string $message, string $file, int $line ): string {
		return strtok( $message, "\n" ) . ' in ' . str_replace( $this->asked['wp_path'] . '/', '', $file ) . ":$line";
	}
}

if ( function_exists( 'posix_setsid' ) ) {
	posix_setsid(); // a group of its own, so that its parent can end all of it
}
$wpstate_boot = new Wpstate_Boot( $wpstate_asked );
unset( $wpstate_asked );
register_shutdown_function( array( $wpstate_boot, 'at_shutdown' ) );
$wpstate_boot->pretend_request();
$GLOBALS['wp_filter'] = $wpstate_boot->early_hooks();
try {
	require $wpstate_boot->asked['wp_path'] . '/wp-load.php';
	require_once ABSPATH . 'wp-admin/includes/admin.php';
	$wpstate_boot->work();
	$wpstate_boot->say();
} catch ( Throwable $wpstate_error ) {
	$wpstate_sort = $wpstate_error instanceof Error ? get_class( $wpstate_error ) . ': ' : '';
	$wpstate_boot->say( $wpstate_sort . $wpstate_boot->told( $wpstate_error->getMessage(), $wpstate_error->getFile(), $wpstate_error->getLine() ) );
}
