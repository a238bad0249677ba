<?php
/*
 * Runs inside WordPress, before in_wordpress.php: tells plugins and core's lists what was updated.
 */
final class Wpstate_Updates {
	private $swapped;
	private $core_swapped;

	/** $swapped: plugins and themes as the task gives them, each with the action that swapped it. */
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
		wp_clean_themes_cache( false );
		$none  = array( 'create' => array(), 'update' => array() );
		$files = array( 'plugins' => $none, 'themes' => $none );
		foreach ( $this->swapped as $package ) {
			$name = 'plugins' === $package['kind'] ? $main_file( $package ) : $package['slug'];
			$files[ $package['kind'] ][ 'create' === $package['action'] ? 'create' : 'update' ][] = $name;
		}
		foreach ( $files as $kind => $names ) {
			$this->forget_offers( $kind, array_filter( array_merge( ...array_values( $names ) ) ) );
		}
		$this->forget_core();
		$skin = new Automatic_Upgrader_Skin();
		if ( $this->core_swapped ) {
			do_action( 'upgrader_process_complete', new Core_Upgrader( $skin ), array( 'action' => 'update', 'type' => 'core' ) );
		}
		$upgraders = array( 'plugins' => new Plugin_Upgrader( $skin ), 'themes' => new Theme_Upgrader( $skin ) );
		foreach ( $files as $kind => $names ) {
			$type = substr( $kind, 0, -1 );
			if ( array_filter( $names['update'] ) ) {
				$what = array( 'action' => 'update', 'type' => $type, 'bulk' => true, $kind => array_values( array_filter( $names['update'] ) ) );
				do_action( 'upgrader_process_complete', $upgraders[ $kind ], $what );
			}
			foreach ( array_filter( $names['create'] ) as $name ) {
				do_action( 'upgrader_process_complete', $upgraders[ $kind ], array( 'action' => 'install', 'type' => $type ) );
			}
		}
	}

	/** Correct the update lists by hand: emptied, each look at wp-admin would ask the network first. */
	private function forget_offers( string $kind, array $names ): void {
		$offers = get_site_transient( "update_$kind" );
		if ( is_object( $offers ) && $names ) {
			$plugins = get_plugins();
			foreach ( $names as $name ) {
				unset( $offers->response[ $name ] );
				$version                  = 'plugins' === $kind ? $plugins[ $name ]['Version'] ?? '' : wp_get_theme( $name )->get( 'Version' );
				$offers->checked[ $name ] = (string) $version;
			}
			set_site_transient( "update_$kind", $offers );
		}
	}

	private function forget_core(): void {
		global $wp_version;
		$core = get_site_transient( 'update_core' );
		if ( is_object( $core ) && $this->core_swapped && isset( $core->updates ) && is_array( $core->updates ) ) {
			$core->version_checked = $wp_version;
			$core->updates         = array_values( array_filter( $core->updates, static fn( $offer ) => version_compare( $offer->current ?? '0', $wp_version, '>' ) ) );
			set_site_transient( 'update_core', $core );
		}
	}
}
