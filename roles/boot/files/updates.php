<?php
/*
 * Runs inside WordPress, before in_wordpress.php: tells plugins and core's lists what was updated.
 */
final class Wpstate_Updates {
	private $swapped;
	private $core_swapped;

	/** $swapped: plugins as the task gives them, each with the action that swapped it. */
	public function __construct( array $swapped, bool $core_swapped ) {
		$this->swapped      = $swapped;
		$this->core_swapped = $core_swapped;
	}

	/** What core's updater does after its work, without the network: its hook and its lists. */
	public function tell( callable $main_file ): void {
		require_once ABSPATH . 'wp-admin/includes/class-wp-upgrader.php';
		foreach ( array( 'wp_version_check', 'wp_update_plugins', 'wp_update_themes' ) as $call ) {
			remove_action( 'upgrader_process_complete', $call );
		}
		remove_action( 'upgrader_process_complete', array( 'Language_Pack_Upgrader', 'async_upgrade' ), 20 );
		wp_clean_plugins_cache( false );
		$files = array( 'create' => array(), 'update' => array() );
		foreach ( $this->swapped as $plugin ) {
			$files[ 'create' === $plugin['action'] ? 'create' : 'update' ][] = $main_file( $plugin );
		}
		$this->forget_offers( array_filter( array_merge( ...array_values( $files ) ) ) );
		$skin = new Automatic_Upgrader_Skin();
		if ( $this->core_swapped ) {
			do_action( 'upgrader_process_complete', new Core_Upgrader( $skin ), array( 'action' => 'update', 'type' => 'core' ) );
		}
		if ( array_filter( $files['update'] ) ) {
			$what = array( 'action' => 'update', 'type' => 'plugin', 'bulk' => true, 'plugins' => array_values( array_filter( $files['update'] ) ) );
			do_action( 'upgrader_process_complete', new Plugin_Upgrader( $skin ), $what );
		}
		foreach ( array_filter( $files['create'] ) as $file ) {
			do_action( 'upgrader_process_complete', new Plugin_Upgrader( $skin ), array( 'action' => 'install', 'type' => 'plugin' ) );
		}
	}

	/** Correct the update lists by hand: emptied, each look at wp-admin would ask the network first. */
	private function forget_offers( array $files ): void {
		global $wp_version;
		$offers = get_site_transient( 'update_plugins' );
		if ( is_object( $offers ) && $files ) {
			$plugins = get_plugins();
			foreach ( $files as $file ) {
				unset( $offers->response[ $file ] );
				$offers->checked[ $file ] = $plugins[ $file ]['Version'] ?? '';
			}
			set_site_transient( 'update_plugins', $offers );
		}
		$core = get_site_transient( 'update_core' );
		if ( is_object( $core ) && $this->core_swapped && isset( $core->updates ) && is_array( $core->updates ) ) {
			$core->version_checked = $wp_version;
			$core->updates         = array_values( array_filter( $core->updates, static fn( $offer ) => version_compare( $offer->current ?? '0', $wp_version, '>' ) ) );
			set_site_transient( 'update_core', $core );
		}
	}
}
