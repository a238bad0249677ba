<?php
/*
 * Move deleted plugins and themes into the run's old/ folder; nothing is destroyed. WordPress has
 * deactivated them before. Then leave the rooms beside the site that a run needs where its own
 * folder lies on another filesystem. Comes after tree.php and packages.php.
 */

$gone = array();
foreach ( request()['packages'] as $package ) {
	$live = package_path( $package['kind'], $package['slug'], $package['file'] );
	if ( 'delete' === $package['action'] && ( file_exists( $live ) || is_link( $live ) ) ) {
		$gone[] = $package['slug'];
		$old    = room( packages_dir( $package['kind'] ) ) . "/old/{$package['kind']}/" . basename( $live );
		request()['check'] || move_path( $live, $old );
	}
}
$rooms = array( packages_dir( 'plugins' ), packages_dir( 'themes' ), request()['wp_path'], request()['content_dir'] );
$left  = array_map( 'leave_room', array_filter( $rooms, 'is_dir' ) );
answer(
	array(
		'changed' => array() !== $gone || in_array( true, $left, true ),
		'gone'    => $gone,
		'diff'    => array( 'before' => implode( "\n", $gone ), 'after' => '' ),
	)
);
