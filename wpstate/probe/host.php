<?php
/*
 * What the probe reads of the account and of what stands around the site's code: owner, version
 * control, links, and which plugins are loaded before WordPress. No file of the site is run.
 */

/** Shape: `host` in schemas/observation.schema.json. */
function wpstate_host( $wp, $config, $content, $plugins, $found, $constants ) {
	$owner = @fileowner( "$wp/wp-load.php" );
	$named = false !== $owner && function_exists( 'posix_getpwuid' ) ? posix_getpwuid( $owner ) : false;
	$uid   = function_exists( 'posix_geteuid' ) ? posix_geteuid() : @fileowner( '/proc/self' );
	$slugs = array();
	foreach ( null === $found ? array() : $found as $plugin ) {
		$slugs[ explode( '/', $plugin['file'] )[0] ] = strpos( $plugin['file'], '/' );
	}
	$packages = array();
	foreach ( array_keys( $slugs ) as $slug ) {
		$packages[] = "$plugins/$slug";
	}
	foreach ( @scandir( "$content/themes" ) ?: array() as $name ) {
		if ( '.' !== $name[0] && is_dir( "$content/themes/$name" ) ) {
			$packages[] = "$content/themes/$name";
		}
	}
	return array(
		'uid'               => false === $uid ? null : $uid,
		'owner_uid'         => false === $owner ? null : $owner,
		'owner'             => isset( $named['name'] ) ? $named['name'] : null,
		'core_requires_php' => wpstate_core_requires_php( $wp ),
		'file_mods'         => empty( $constants['DISALLOW_FILE_MODS'] ),
		'checkouts'         => wpstate_checkouts( array_merge( array( $wp, $config ? dirname( $config ) : $wp, $content, $plugins, "$content/themes" ), $packages ) ),
		'links'             => wpstate_links( $wp, $content, $packages ),
		'composer'          => wpstate_composer( array( $wp, dirname( $wp ), dirname( $wp, 2 ), $config ? dirname( $config ) : $wp ) ),
		'loaders'           => wpstate_loaders( array_unique( array( $wp, $config ? dirname( $config ) : $wp ) ), $content, $slugs ),
	);
}

function wpstate_core_requires_php( $wp ) {
	$text = @file_get_contents( "$wp/wp-includes/version.php", false, null, 0, 65536 );
	return preg_match( '/^\s*\$required_php_version\s*=\s*[\'"]([0-9.]{1,20})[\'"]\s*;/m', (string) $text, $php ) ? $php[1] : null;
}

/** Folders that hold a `.git`, `.svn`, `.hg` or `.bzr`, as WordPress itself looks for (WP_Automatic_Updater, 7.1.1). */
function wpstate_checkouts( $folders ) {
	$found = array();
	foreach ( array_unique( $folders ) as $folder ) {
		foreach ( array( '.git', '.svn', '.hg', '.bzr' ) as $name ) {
			if ( @file_exists( "$folder/$name" ) ) {
				$found[] = realpath( $folder ) ?: $folder;
				break;
			}
		}
	}
	return $found;
}

/** What a composer.lock in one of these folders installs for WordPress: `core`, `plugins.NAME` and so on. */
function wpstate_composer( $folders ) {
	$kinds = array( 'wordpress-plugin' => 'plugins', 'wordpress-theme' => 'themes', 'wordpress-muplugin' => 'mu_plugins', 'wordpress-dropin' => 'dropins' );
	$found = array();
	foreach ( array_unique( $folders ) as $folder ) {
		$file = "$folder/composer.lock";
		$lock = is_file( $file ) && filesize( $file ) <= 8388608 ? json_decode( (string) @file_get_contents( $file ), true, 32 ) : null;
		foreach ( is_array( $lock ) && isset( $lock['packages'] ) && is_array( $lock['packages'] ) ? $lock['packages'] : array() as $package ) {
			$type = isset( $package['type'] ) && is_string( $package['type'] ) ? $package['type'] : '';
			$name = isset( $package['name'] ) && is_string( $package['name'] ) ? basename( $package['name'] ) : '';
			if ( 'wordpress-core' === $type ) {
				$found[] = 'core';
			} elseif ( isset( $kinds[ $type ] ) && '' !== $name ) {
				$found[] = $kinds[ $type ] . '.' . $name;
			}
		}
	}
	return array_slice( array_values( array_unique( $found ) ), 0, 2000 );
}

function wpstate_links( $wp, $content, $packages ) {
	$places = array( "$wp/wp-admin", "$wp/wp-includes", "$wp/wp-content", "$wp/wp-content/plugins", "$content/plugins", "$content/themes" );
	return array_values( array_filter( array_unique( array_merge( $places, $packages ) ), 'is_link' ) );
}

/** Plugins that a drop-in or an auto_prepend_file names by their folder. */
function wpstate_loaders( $folders, $content, $slugs ) {
	$texts = array();
	foreach ( array( 'advanced-cache.php', 'object-cache.php', 'db.php' ) as $name ) {
		$texts[ $name ] = wpstate_text( "$content/$name" );
	}
	$texts['auto_prepend_file'] = '';
	foreach ( $folders as $folder ) {
		foreach ( array( '.user.ini', 'php.ini', '.htaccess' ) as $name ) {
			$settings = wpstate_text( "$folder/$name" );
			if ( preg_match( '/^[ \t]*(?:php_value[ \t]+)?auto_prepend_file[ \t]*[= \t][ \t]*["\']?([^"\'\r\n;]+)/mi', $settings, $path ) ) {
				$path                        = trim( $path[1] );
				$texts['auto_prepend_file'] .= $path . "\n" . wpstate_text( '/' === $path[0] ? $path : "$folder/$path" );
			}
		}
	}
	$loaders = array();
	foreach ( $slugs as $slug => $is_folder ) {
		foreach ( $texts as $by => $text ) {
			if ( $is_folder && preg_match( '~[/\'"]' . preg_quote( $slug, '~' ) . '[/\'"]~', $text ) ) {
				$loaders[] = array( 'slug' => (string) $slug, 'loaded_by' => $by );
			}
		}
	}
	return $loaders;
}

function wpstate_text( $file ) {
	return is_file( $file ) ? (string) @file_get_contents( $file, false, null, 0, 262144 ) : '';
}
