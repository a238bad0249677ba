<?php
/*
 * Move deleted plugins into the run's old/ folder; nothing is destroyed. WordPress has
 * deactivated them before. Comes after tree.php.
 */

/** Rename at once, then, from another filesystem, copy to the run's folder. */
function move_away( string $live, string $dir ): void {
	$kept = run_path( 'old/plugins/' . basename( $live ) );
	$near = room( $dir ) . '/old/plugins/' . basename( $live );
	move_path( $live, $near );
	if ( $near !== $kept ) {
		copy_tree( $near, $kept );
		remove_tree( $near );
	}
}

function copy_tree( string $from, string $to ): void {
	make_folder( dirname( $to ) );
	if ( is_link( $from ) ) {
		symlink( readlink( $from ), $to );
	} elseif ( is_dir( $from ) ) {
		make_folder( $to );
		foreach ( array_diff( scandir( $from ), array( '.', '..' ) ) as $name ) {
			copy_tree( "$from/$name", "$to/$name" );
		}
	} else {
		copy( $from, $to );
	}
}

$gone = array();
foreach ( request()['plugins'] as $plugin ) {
	$live = plugin_path( $plugin['slug'], $plugin['file'] );
	if ( 'delete' === $plugin['action'] && ( file_exists( $live ) || is_link( $live ) ) ) {
		$gone[] = $plugin['slug'];
		if ( ! request()['check'] ) {
			move_away( $live, request()['plugins_dir'] );
		}
	}
}
answer(
	array(
		'changed' => array() !== $gone,
		'gone'    => $gone,
		'diff'    => array( 'before' => implode( '', preg_filter( '/$/D', "\n", $gone ) ), 'after' => '' ),
	)
);
