<?php
/**
 * Plugin Name: Lab Guestbook
 * Description: A small guestbook. Its 2.x versions each break in one known way, for the tests of the lab.
 * Version: @VERSION@
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * Author: wpstate lab
 * License: GPL-2.0-or-later
 * Text Domain: lab-guestbook
 *
 * @package lab-guestbook
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

define( 'LAB_GUESTBOOK_VERSION', '@VERSION@' );

require __DIR__ . '/guestbook.php';
require __DIR__ . '/release.php';

register_activation_hook( __FILE__, 'lab_guestbook_install' );
