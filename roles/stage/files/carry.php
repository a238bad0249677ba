<?php
/*
 * Carry over what no version ships: a host's .htaccess, .user.ini, php.ini in a folder that is
 * about to be replaced. Comes after tree.php.
 */

/**
 * Copy files of $live that the old version's list does not name into $staged.
 *
 * $known: paths relative to $live that the old version ships; null where nobody knows, then only
 * names that begin with a dot are carried. PHP that nobody knows is neither run on nor dropped
 * silently: it is returned, and the stage fails before the site is frozen. Links likewise.
 */
function carry_over( string $live, string $staged, ?array $known ): array {
	if ( ! is_dir( $live ) ) {
		return array( array(), array() );
	}
	$known   = null === $known ? null : array_flip( $known );
	$carried = array();
	$unknown = array();
	foreach ( walk( $live ) as $path => $info ) {
		if ( $info->isDir() && ! $info->isLink() ) {
			continue;
		}
		$is_ours = null === $known ? '.' !== basename( $path )[0] : isset( $known[ $path ] );
		if ( $is_ours || file_exists( "$staged/$path" ) ) {
			continue;
		}
		if ( $info->isLink() || is_executable_name( $path ) ) {
			$unknown[] = $path;
			continue;
		}
		make_folder( dirname( "$staged/$path" ) );
		copy( "$live/$path", "$staged/$path" );
		chmod( "$staged/$path", fileperms( "$live/$path" ) & 0777 );
		$carried[] = $path;
	}
	return array( $carried, $unknown );
}

function refuse_unknown( string $where, array $unknown ): void {
	if ( $unknown ) {
		$names = implode( ', ', array_slice( $unknown, 0, 10 ) ) . ( count( $unknown ) > 10 ? ', ...' : '' );
		refuse( "$where holds files that its version does not ship and that could run: $names", array( 'unknown' => $unknown ) );
	}
}
