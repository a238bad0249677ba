<?php
/*
 * Plugin Name: Bench NUMBER
 * Version: 1.NUMBER
 * Description: One of many small plugins: it registers hooks, reads an option and has some files.
 */
foreach ( glob( __DIR__ . '/inc/part-[1-5].php' ) as $bench_part ) {
	require_once $bench_part;
}
add_filter( 'the_title', static fn( $title ) => $title );
add_action( 'init', static fn() => get_option( 'bench_NUMBER', array() ) );
add_action( 'admin_menu', static fn() => add_options_page( 'Bench NUMBER', 'Bench NUMBER', 'manage_options', 'bench-NUMBER', '__return_null' ) );
