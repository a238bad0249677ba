<?php
/*
 * What the probe reads of a site's security points: constants, options, modes, names, files. It runs no
 * code of the site. What only the site's own address tells, the controller asks as a visitor; what words
 * the facts amount to is left to wpstate.resources.security_files. Comes after wp_config_text.php and wp_config.php.
 */

/** Shape: schemas/kinds/security.observed.schema.json. $ask: salts_at_most_days, guessed (names of accounts), constants. */
function wpstate_kind_security( $ask, $place ) {
	if ( null === $place['link'] ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$mu_folder = wpstate_folder( $place['constants'], 'WPMU_PLUGIN_DIR', $place['content'] . '/mu-plugins' );
	clearstatcache();
	$options = array_column(
		(array) wpstate_rows(
			$place['link'],
			"SELECT option_name, option_value FROM `{$place['prefix']}options` WHERE option_name IN ('users_can_register', 'default_role')"
		),
		1,
		0
	);
	return array(
		'constants'          => (object) wpstate_security_constants( $ask['constants'], $place['constants'] ),
		'editable'           => wpstate_security_editable( $ask['constants'], $place ),
		'https'              => 0 === strpos( isset( $place['options']['siteurl'] ) ? $place['options']['siteurl'] : '', 'https:' ),
		'registration'       => ! empty( $options['users_can_register'] ),
		'default_role'       => isset( $options['default_role'] ) ? (string) $options['default_role'] : '',
		'config_mode'        => sprintf( '%o', fileperms( $place['config'] ) & 07777 ),
		'config_age_days'    => max( 0, (int) floor( ( time() - filemtime( $place['config'] ) ) / 86400 ) ),
		'salts_at_most_days' => $ask['salts_at_most_days'],
		'salts_weak'         => wpstate_security_weak_salts( $place['constants'] ),
		'admins'             => wpstate_security_admins( $place, $ask['guessed'] ),
		'backups'            => wpstate_security_backups( $place ),
		'author'             => wpstate_security_author( $place ),
		'silent_php'         => wpstate_security_silent_php( $place['uploads'] ),
		'mu_folder'          => $mu_folder,
		'mu_text'            => wpstate_security_mu_text( "$mu_folder/wpstate-security.php" ),
		'flags'              => wpstate_security_named( "$mu_folder/wpstate-security.php", '/^\} \)\( array\( (.*) \) \);$/m', '/\'([a-z_]+)\'/' ),
		'htaccess'           => array(
			'root'    => wpstate_security_named( $place['wp'] . '/.htaccess', '/^# wpstate security: (.*)$/m', '/([a-z_]+)/' ),
			'uploads' => wpstate_security_named( $place['uploads'] . '/.htaccess', '/^# wpstate security: (.*)$/m', '/([a-z_]+)/' ),
		),
	);
}

/** Of the constants that are asked for, those that PHP takes for true or false; the salts are told to nobody. */
function wpstate_security_constants( $names, $constants ) {
	$seen = array();
	foreach ( wpstate_security_switches( $names ) as $name ) {
		if ( isset( $constants[ $name ] ) ) {
			$seen[ $name ] = (bool) $constants[ $name ];
		}
	}
	return $seen;
}

function wpstate_security_switches( $names ) {
	return preg_grep( '/_(KEY|SALT)$/', $names, PREG_GREP_INVERT );
}

/** Constants that wp_config_set() could set here. */
function wpstate_security_editable( $names, $place ) {
	if ( null !== wp_config_obstacle( $place['config'] ) ) {
		return array();
	}
	$text   = new Wpstate_Config_Text( (string) file_get_contents( $place['config'] ) );
	$usable = static function ( $name ) use ( $text, $place ) {
		$form = $text->find( $name )['form'];
		return 'plain' === $form || ( 'missing' === $form && $text->has_place() && ! isset( $place['constants'][ $name ] ) );
	};
	return array_values( array_filter( wpstate_security_switches( $names ), $usable ) );
}

/** Whether one of the eight is missing, short, twice the same, or what wp-config-sample.php has in its place. */
function wpstate_security_weak_salts( $constants ) {
	$salts = array();
	foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {
		foreach ( array( 'KEY', 'SALT' ) as $sort ) {
			$salts[] = isset( $constants[ "{$name}_$sort" ] ) ? (string) $constants[ "{$name}_$sort" ] : '';
		}
	}
	return count( array_unique( $salts ) ) < 8 || min( array_map( 'strlen', $salts ) ) < 32;
}

/** Administrators whose name is among the guessed ones, or the first word of the site's address. */
function wpstate_security_admins( $place, $guessed ) {
	$host   = (string) parse_url( isset( $place['options']['home'] ) ? $place['options']['home'] : '', PHP_URL_HOST );
	$own    = explode( '.', preg_replace( '/^www\./', '', strtolower( $host ) ) )[0];
	$tables = array();
	foreach ( array( 'users' => 'CUSTOM_USER_TABLE', 'usermeta' => 'CUSTOM_USER_META_TABLE' ) as $table => $constant ) {
		$tables[] = preg_replace( '/[^A-Za-z0-9_$.-]/', '', isset( $place['constants'][ $constant ] ) ? (string) $place['constants'][ $constant ] : $place['prefix'] . $table );
	}
	$rows = wpstate_rows(
		$place['link'],
		"SELECT user_login FROM `$tables[0]` u JOIN `$tables[1]` m ON m.user_id = u.ID"
		. " WHERE m.meta_key = '{$place['prefix']}capabilities' AND m.meta_value LIKE '%\"administrator\";b:1;%' ORDER BY user_login LIMIT 1000"
	);
	if ( null === $rows ) {
		throw new RuntimeException( 'the administrators cannot be read' );
	}
	$named = array_filter(
		array_column( $rows, 0 ),
		static fn( $login ) => in_array( strtolower( $login ), $guessed, true ) || ( strlen( $own ) > 2 && ! is_numeric( $own ) && strtolower( $login ) === $own )
	);
	return array_slice( array_values( $named ), 0, 50 );
}

/** Files right in the web root and in the folder of content that look like copies, as names below the web root. */
function wpstate_security_backups( $place ) {
	$found = array();
	foreach ( array( '' => $place['wp'], 'wp-content/' => $place['content'] ) as $below => $folder ) {
		foreach ( (array) @scandir( $folder ) as $name ) {
			$is_copy = preg_match( '/\.(sql|bak|old|orig|save|sw[op]|zip|tar|tgz|7z|rar|wpress)(\.(gz|bz2|xz|zst|zip))?$|\.(sql|tar)\.|~$/i', (string) $name )
				|| preg_match( '/^wp-config(?!-sample\.php$)(?!\.php$)./i', (string) $name );
			if ( $is_copy && is_file( "$folder/$name" ) ) {
				$found[] = $below . $name;
			}
		}
	}
	return array_slice( $found, 0, 50 );
}

/** A user who has published something, whom `?author=` would name. */
function wpstate_security_author( $place ) {
	$rows = wpstate_rows( $place['link'], "SELECT MIN(post_author) FROM `{$place['prefix']}posts` WHERE post_status = 'publish' AND post_author > 0" );
	return isset( $rows[0][0] ) ? (int) $rows[0][0] : 0;
}

/** A PHP file below uploads that is nothing but comments, as many plugins leave one there. */
function wpstate_security_silent_php( $uploads ) {
	$folders = array( '' );
	foreach ( (array) @scandir( $uploads ) as $name ) {
		if ( count( $folders ) < 50 && preg_match( '/^[A-Za-z0-9_-]{1,100}$/D', (string) $name ) && is_dir( "$uploads/$name" ) ) {
			$folders[] = "$name/";
		}
	}
	foreach ( $folders as $folder ) {
		$file = "$uploads/{$folder}index.php";
		if ( function_exists( 'token_get_all' ) && is_file( $file ) && is_readable( $file ) && filesize( $file ) < 4096 ) {
			$loud = array_filter(
				token_get_all( (string) file_get_contents( $file ) ),
				static fn( $token ) => ! is_array( $token ) || ! in_array( $token[0], array( T_OPEN_TAG, T_CLOSE_TAG, T_COMMENT, T_DOC_COMMENT, T_WHITESPACE ), true )
			);
			if ( ! $loud ) {
				return "{$folder}index.php";
			}
		}
	}
	return null;
}

/** What our mu-plugin says, but for what it closes here: a hash. */
function wpstate_security_mu_text( $file ) {
	$text = is_file( $file ) ? @file_get_contents( $file, false, null, 0, 262144 ) : false;
	return false === $text ? null : hash( 'sha256', preg_replace( '/^\} \)\( array\([ a-z_,\']*\) \);$/m', '} )( array() );', $text ) );
}

/** Names that a line of a file of ours holds; nothing where there is no such file. */
function wpstate_security_named( $file, $line, $name ) {
	$text = wpstate_text( $file );
	return preg_match( $line, $text, $found ) && preg_match_all( $name, $found[1], $names ) ? array_slice( $names[1], 0, 50 ) : array();
}
