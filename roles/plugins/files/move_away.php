<?php
/*
 * Move deleted plugins into the run's old/ folder; nothing is destroyed. WordPress has
 * deactivated them before. Then leave the rooms beside the site that a run needs where its own
 * folder lies on another filesystem. Comes after tree.php.
 */

$dir  = request()['plugins_dir'];
$gone = array();
foreach ( request()['plugins'] as $plugin ) {
	$live = plugin_path( $plugin['slug'], $plugin['file'] );
	if ( 'delete' === $plugin['action'] && ( file_exists( $live ) || is_link( $live ) ) ) {
		$gone[] = $plugin['slug'];
		request()['check'] || move_path( $live, room( $dir ) . '/old/plugins/' . basename( $live ) );
	}
}
$left = array_map( 'leave_room', array( $dir, request()['wp_path'], request()['content_dir'] ) );
answer(
	array(
		'changed' => array() !== $gone || in_array( true, $left, true ),
		'gone'    => $gone,
		'diff'    => array( 'before' => implode( "\n", $gone ), 'after' => '' ),
	)
);
