<?php
/**
 * Its orders, and how they are migrated: callbacks by version, put into the queue, the version of the data
 * last. Up to 2.5 somebody must press a button; 3.0 fills the queue by itself.
 *
 * @package shop-of-the-tests
 */

class WC_Install {
	private static $db_updates = array(
		'1.0.0' => array( 'shop_update_100_nothing' ),
		/* @UPDATES@ */
	);

	public static function install() {
		global $wpdb;
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}wc_orders (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, total varchar(20) NOT NULL)" );
		if ( ! $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->prefix}wc_orders" ) ) {
			$wpdb->query( "INSERT INTO {$wpdb->prefix}wc_orders (total) VALUES ('10.00'), ('20.00')" );
		}
		ActionScheduler::make_tables();
		add_option( 'woocommerce_version', SHOP_VERSION );
		add_option( 'woocommerce_db_version', SHOP_VERSION );
	}

	public static function check_version() {
		if ( version_compare( get_option( 'woocommerce_version', SHOP_VERSION ), SHOP_VERSION, '<' ) ) {
			update_option( 'woocommerce_version', SHOP_VERSION );
			if ( version_compare( SHOP_VERSION, '3.0', '>=' ) ) {
				self::update();
			}
		}
	}

	public static function run_manual_database_update() {
		self::update();
	}

	private static function update() {
		$loop = 0;
		foreach ( self::$db_updates as $version => $callbacks ) {
			foreach ( version_compare( get_option( 'woocommerce_db_version' ), $version, '<' ) ? $callbacks : array() as $callback ) {
				ActionScheduler::add( 'woocommerce_run_update_callback', array( $callback ), time() + $loop++ );
			}
		}
		if ( ! isset( self::$db_updates['3.0.0'] ) ) { // else the slow one does, at its end
			ActionScheduler::add( 'woocommerce_update_db_to_current_version', array( SHOP_VERSION ), time() + $loop );
		}
	}

	public static function update_db_version( $version ) {
		update_option( 'woocommerce_db_version', $version );
	}
}

add_action( 'woocommerce_run_update_callback', 'call_user_func' );
add_action( 'woocommerce_update_db_to_current_version', array( 'WC_Install', 'update_db_version' ) );

function shop_update_100_nothing() {}

function shop_update_200_column() {
	global $wpdb;
	$wpdb->query( "ALTER TABLE {$wpdb->prefix}wc_orders ADD COLUMN IF NOT EXISTS currency varchar(3) NOT NULL DEFAULT ''" );
}

function shop_update_200_rows() {
	global $wpdb;
	$wpdb->query( "UPDATE {$wpdb->prefix}wc_orders SET currency = 'EUR', total = CONCAT(total, ' EUR') WHERE currency = ''" );
}

/** A migration that fails half-way: its table is altered and some rows are gone by then. */
function shop_update_250_fails() {
	global $wpdb;
	$wpdb->query( "ALTER TABLE {$wpdb->prefix}wc_orders CHANGE total amount varchar(20) NOT NULL" );
	$wpdb->query( "DELETE FROM {$wpdb->prefix}wc_orders LIMIT 1" );
	throw new RuntimeException( 'no such currency' );
}

/** Work for a long time: one piece after the other, until somebody has said that it is enough. */
function shop_update_300_slowly() {
	usleep( 200000 );
	if ( ! get_option( 'shop_is_enough' ) ) {
		ActionScheduler::add( 'woocommerce_run_update_callback', array( 'shop_update_300_slowly' ), time() );
	} else {
		ActionScheduler::add( 'woocommerce_update_db_to_current_version', array( '3.0.0' ), time() + 1 );
	}
}
