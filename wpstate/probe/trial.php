<?php
/*
 * Says which PHP this is and whether it can do what wpstate asks of it; exit code 1 and why, if not.
 * Written so that any PHP can read it.
 */

$wpstate_lacks = array();
if ( version_compare( PHP_VERSION, '7.4', '<' ) ) {
	$wpstate_lacks[] = 'is older than 7.4';
}
foreach ( array( 'mysqli', 'json', 'hash' ) as $wpstate_extension ) {
	if ( ! extension_loaded( $wpstate_extension ) ) {
		$wpstate_lacks[] = "lacks $wpstate_extension";
	}
}
foreach ( array( 'proc_open', 'stream_select' ) as $wpstate_function ) {
	if ( ! function_exists( $wpstate_function ) ) {
		$wpstate_lacks[] = "may not call $wpstate_function";
	}
}
if ( $wpstate_lacks ) {
	echo 'PHP ', PHP_VERSION, ' ', implode( ', ', $wpstate_lacks ), "\n";
	exit( 1 );
}
echo 'PHP ', PHP_VERSION, class_exists( 'ZipArchive' ) ? ' zip' : '', "\n";
