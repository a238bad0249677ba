<?php
/**
 * The guestbook itself: table, shortcode, footer line and admin page. The same in every version.
 * What one version does differently is in release.php.
 *
 * @package lab-guestbook
 */

/** The table's full name on this site. */
function lab_guestbook_table() {
	global $wpdb;
	return $wpdb->prefix . 'guestbook';
}

/** Makes the table of version 1.0 and its first entry, then brings it up to this version. */
function lab_guestbook_install() {
	global $wpdb;
	$table = lab_guestbook_table();
	$wpdb->query(
		"CREATE TABLE IF NOT EXISTS `$table` (
			id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
			author varchar(100) NOT NULL,
			message text NOT NULL,
			created_at datetime NOT NULL
		) {$wpdb->get_charset_collate()}"
	);
	if ( ! $wpdb->get_var( "SELECT COUNT(*) FROM `$table`" ) ) {
		lab_guestbook_add( 'Agathe', 'Quel joli site 🌻' );
	}
	lab_guestbook_migrate();
}

/** Version 1.1 gave entries a website. Runs once after each change of version. */
function lab_guestbook_migrate() {
	global $wpdb;
	$stored = get_option( 'lab_guestbook_version' );
	if ( LAB_GUESTBOOK_VERSION === $stored ) {
		return;
	}
	$table = lab_guestbook_table();
	if ( version_compare( LAB_GUESTBOOK_VERSION, '1.1', '>=' ) ) {
		$wpdb->query( "ALTER TABLE `$table` ADD COLUMN IF NOT EXISTS website varchar(200) NOT NULL DEFAULT ''" );
	}
	update_option( 'lab_guestbook_version', LAB_GUESTBOOK_VERSION );
}
add_action( 'plugins_loaded', 'lab_guestbook_migrate' );

function lab_guestbook_add( $author, $message ) {
	global $wpdb;
	$wpdb->insert(
		lab_guestbook_table(),
		array(
			'author'     => $author,
			'message'    => $message,
			'created_at' => current_time( 'mysql', true ),
		)
	);
}

/** The entries as a list, newest first. */
function lab_guestbook_list() {
	global $wpdb;
	$rows = $wpdb->get_results( 'SELECT author, message FROM `' . lab_guestbook_table() . '` ORDER BY id DESC LIMIT 20' );
	$html = '<ul class="lab-guestbook">';
	foreach ( $rows as $row ) {
		$html .= '<li><b>' . esc_html( $row->author ) . '</b> ' . esc_html( $row->message ) . '</li>';
	}
	return $html . '</ul>';
}
add_shortcode( 'lab_guestbook', 'lab_guestbook_list' );

function lab_guestbook_footer() {
	echo '<p class="lab-guestbook-version">Guestbook ' . esc_html( LAB_GUESTBOOK_VERSION ) . '</p>';
}
add_action( 'wp_footer', 'lab_guestbook_footer' );

function lab_guestbook_admin_menu() {
	add_menu_page( 'Guestbook', 'Guestbook', 'manage_options', 'lab-guestbook', 'lab_guestbook_admin_page' );
}
add_action( 'admin_menu', 'lab_guestbook_admin_menu' );

function lab_guestbook_admin_page() {
	echo '<div class="wrap"><h1>Guestbook ' . esc_html( LAB_GUESTBOOK_VERSION ) . '</h1>';
	echo lab_guestbook_list() . '</div>';
}
