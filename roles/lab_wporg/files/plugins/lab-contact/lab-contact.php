<?php
/**
 * Plugin Name: Lab Contact
 * Description: A page with a contact form that sends one mail.
 * Version: @VERSION@
 * Requires at least: 6.0
 * Requires PHP: 7.4
 * Author: wpstate lab
 * License: GPL-2.0-or-later
 * Text Domain: lab-contact
 *
 * @package lab-contact
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

define( 'LAB_CONTACT_VERSION', '@VERSION@' );

require __DIR__ . '/contact.php';
require __DIR__ . '/release.php';

register_activation_hook( __FILE__, 'lab_contact_install' );
