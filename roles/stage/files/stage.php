<?php
/*
 * Bring the new bytes beside the site, ready to be renamed in: checked, unpacked, with the modes
 * of what they replace. Visitors notice nothing. Comes after tree.php, packages.php, unpack.php,
 * carry.php and language.php.
 */

/** Make $target from a zip, once a run. True if it was made. */
function stage_once( string $target, array $artifact, callable $fill ): bool {
	$zip  = run_path( "upload/{$artifact['sha256']}.zip" );
	$done = run_path( "upload/{$artifact['sha256']}.done" );
	if ( file_exists( $done ) ) {
		return false;
	}
	if ( request()['check'] ) {
		return true;
	}
	if ( ! is_file( $zip ) || hash_file( 'sha256', $zip ) !== $artifact['sha256'] ) {
		fail( "{$artifact['slug']}: what arrived on the host has another sha256 than the artifact" );
	}
	remove_tree( "$target.part" );
	remove_tree( "$target.zip" );
	unpack_zip( $zip, "$target.zip" );
	$fill( "$target.zip", "$target.part" );
	remove_tree( $target );
	move_path( "$target.part", $target );
	remove_tree( "$target.zip" );
	touch( $done );
	unlink( $zip );
	return true;
}

function stage_package( array $artifact ): array {
	$kind   = $artifact['kind'];
	$live   = package_path( $kind, $artifact['slug'], $artifact['single'] ?? null );
	$single = is_file( $live ) || isset( $artifact['single'] );
	$target = room( packages_dir( $kind ) ) . "/stage/$kind/" . basename( $live );
	$seen   = array( 'carried' => array() );
	$fill   = static function ( string $unpacked, string $part ) use ( $artifact, $live, $single, &$seen ): void {
		$names = array_values( array_diff( scandir( $unpacked ), array( '.', '..' ) ) );
		$top   = 1 === count( $names ) ? "$unpacked/{$names[0]}" : '';
		if ( $single && is_dir( $top ) ) {
			// A single file such as hello.php comes in a folder; it stays a single file.
			$top = "$top/" . basename( $live );
		}
		if ( ! file_exists( $top ) || ( ! $single && basename( $top ) !== ( $artifact['folder'] ?? $artifact['slug'] ) ) ) {
			refuse( "{$artifact['slug']}: the zip does not hold one folder of this name" );
		}
		move_path( $top, $part );
		check_package( $part, $live, $artifact );
		adopt_modes( $part, $live );
		if ( is_dir( $live ) ) {
			list( $seen['carried'], $unknown ) = carry_over( $live, $part, $artifact['old_files'] ?? null );
			refuse_unknown( $artifact['slug'], $unknown );
		}
	};
	if ( is_link( $live ) ) {
		refuse( "{$artifact['slug']} is a link; wpstate replaces no links" );
	}
	$made = stage_once( $target, $artifact, $fill );
	return array( 'slug' => $artifact['slug'], 'staged' => $made ) + $seen;
}

/** The zip must be the version that it is said to be, and still the same plugin. */
function check_package( string $part, string $live, array $artifact ): void {
	$kind = $artifact['kind'];
	$new  = array_map( 'basename', package_files( $kind, $part ) );
	$old  = file_exists( $live ) ? array_map( 'basename', package_files( $kind, $live ) ) : array();
	if ( is_dir( $part ) && $old && ! array_intersect( $old, $new ) ) {
		refuse( "{$artifact['slug']}: the main file changes from $old[0] to " . ( $new[0] ?? 'nothing' ) . '; WordPress would drop the plugin' );
	}
	$main    = array_values( array_intersect( $old, $new ) )[0] ?? null;
	$version = package_version( $kind, $part, $main );
	if ( $version !== $artifact['version'] ) {
		refuse( "{$artifact['slug']}: the zip's header says version " . ( $version ?? 'nothing' ) . ", not {$artifact['version']}" );
	}
}

/** A single file of the fleet's, as it is: a must-use plugin, a drop-in. */
function stage_file( array $artifact ): array {
	$name   = basename( $artifact['slug'] );
	$target = room( request()['content_dir'] ) . "/stage/{$artifact['kind']}/$name";
	$sent   = run_path( "upload/{$artifact['sha256']}.zip" );
	$same   = static fn( $file ) => is_file( $file ) && hash_file( 'sha256', $file ) === $artifact['sha256'];
	$made   = ! $same( $target );
	if ( $made && ! request()['check'] ) {
		if ( ! $same( $sent ) ) {
			fail( "$name: what arrived on the host has another sha256 than the artifact" );
		}
		make_folder( dirname( $target ) );
		copy( $sent, $target );
		chmod( $target, 0644 );
	}
	return array( 'slug' => $name, 'staged' => $made, 'carried' => array() );
}

function stage_core( array $artifact, array $files ): array {
	$wp   = request()['wp_path'];
	$seen = array( 'carried' => array() );
	$fill = static function ( string $unpacked, string $part ) use ( $artifact, $files, $wp, &$seen ): void {
		$new = "$unpacked/wordpress";
		if ( core_version( $new ) !== $artifact['version'] ) {
			refuse( "the zip's WordPress has version " . ( core_version( $new ) ?? 'nothing' ) . ", not {$artifact['version']}" );
		}
		if ( ! $files['old'] ) {
			refuse( "nobody knows which files the site's WordPress version ships" );
		}
		$unknown = array();
		foreach ( array( 'wp-admin', 'wp-includes' ) as $folder ) {
			if ( is_link( "$wp/$folder" ) ) {
				refuse( "$folder is a link; wpstate replaces no links" );
			}
			move_path( "$new/$folder", "$part/$folder" );
			adopt_modes( "$part/$folder", "$wp/$folder" );
			$known = preg_filter( '~^' . $folder . '/~', '', $files['old'] );
			list( $carried, $strange ) = carry_over( "$wp/$folder", "$part/$folder", $known );
			$seen['carried'] = array_merge( $seen['carried'], preg_filter( '/^/', "$folder/", $carried ) );
			$unknown         = array_merge( $unknown, preg_filter( '/^/', "$folder/", $strange ) );
		}
		refuse_unknown( 'WordPress', $unknown );
		make_folder( "$part/root" );
		foreach ( array_filter( scandir( $new ), static fn( $name ) => is_file( "$new/$name" ) ) as $name ) {
			move_path( "$new/$name", "$part/root/$name" );
			adopt_modes( "$part/root/$name", "$wp/index.php" );
		}
		$root  = static fn( $path ) => false === strpos( $path, '/' );
		$gone  = array_diff( array_filter( $files['old'], $root ), scandir( "$part/root" ), array( 'wp-config.php' ) );
		file_put_contents( "$part/gone.json", json_encode( array_values( $gone ) ) );
	};
	$made = stage_once( room( $wp ) . '/stage/core', $artifact, $fill );
	return array( 'slug' => 'core', 'staged' => $made ) + $seen;
}

$staged = array();
foreach ( request()['artifacts'] as $artifact ) {
	if ( 'core' === $artifact['kind'] ) {
		$staged[] = stage_core( $artifact, request()['core_files'] ?? array( 'old' => array() ) );
	} elseif ( in_array( $artifact['kind'], array( 'mu_plugins', 'dropins' ), true ) ) {
		$staged[] = stage_file( $artifact );
	} else {
		$staged[] = 'translations' === $artifact['kind'] ? stage_language( $artifact ) : stage_package( $artifact );
	}
}
answer( array( 'changed' => in_array( true, array_column( $staged, 'staged' ), true ), 'artifacts' => $staged ) );
