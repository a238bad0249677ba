<?php
/**
 * Plugin Name: Shop of the tests
 * Description: Has the shapes of a shop plugin that migrates its data: options, names, a queue. Nothing of its code.
 * Version: @VERSION@
 * Requires at least: 6.0
 * Requires PHP: 7.4
 *
 * @package shop-of-the-tests
 */

define( 'SHOP_VERSION', '@VERSION@' );

require __DIR__ . '/queue.php';
require __DIR__ . '/includes/class-wc-install.php';

register_activation_hook( __FILE__, array( 'WC_Install', 'install' ) );
add_action( 'init', array( 'WC_Install', 'check_version' ), 5 );
