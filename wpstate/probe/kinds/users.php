<?php
/*
 * The accounts that are asked about and all with an administrator's rights, with SELECTs alone: roles,
 * how many application passwords, whose content. No password, address or session leaves the site.
 * WordPress 6.1 to 7.1.
 */

const WPSTATE_MOST_ACCOUNTS = 500;
/** Whoever may do one of these can make himself an administrator. */
const WPSTATE_POWERS = array( 'manage_options', 'promote_users', 'install_plugins', 'edit_plugins' );

function wpstate_kind_users( $ask, $place ) {
	$link = $place['link'];
	if ( null === $link ) {
		throw new RuntimeException( 'the database could not be asked' );
	}
	$p      = $place['prefix'];
	$users  = wpstate_users_table( $place );
	$meta   = wpstate_meta_table( $place );
	$rows   = wpstate_asked_rows( $link, "SELECT option_value FROM `{$p}options` WHERE option_name = '{$p}user_roles'" );
	$roles  = wpstate_list( $rows ? $rows[0][0] : '' );
	$strong = array();
	foreach ( $roles as $role => $what ) {
		$may = isset( $what['capabilities'] ) && is_array( $what['capabilities'] ) ? array_keys( array_filter( $what['capabilities'] ) ) : array();
		if ( 'administrator' === $role || array_intersect( WPSTATE_POWERS, $may ) ) {
			$strong[] = (string) $role;
		}
	}
	$words    = array_merge( array( 'administrator' ), $strong, WPSTATE_POWERS );
	$matches  = array_map( static fn( $word ) => "m.meta_value LIKE '%\"" . addcslashes( $link->real_escape_string( $word ), '%_' ) . "\"%'", $words );
	$logins   = array_map( 'strval', $ask['logins'] );
	$names    = array_map( static fn( $login ) => "'" . $link->real_escape_string( $login ) . "'", $logins );
	$supers   = wpstate_super_admins( $place );
	$quoted   = array_map( static fn( $login ) => "'" . $link->real_escape_string( $login ) . "'", $supers );
	$either   = array_merge( $matches, $names || $quoted ? array( 'u.user_login IN (' . implode( ',', array_merge( $names, $quoted ) ) . ')' ) : array() );
	$found    = wpstate_asked_rows(
		$link,
		"SELECT u.ID, u.user_login, LEFT(m.meta_value, 65536), (SELECT LEFT(a.meta_value, 32) FROM $meta a WHERE a.user_id = u.ID AND a.meta_key = '_application_passwords' LIMIT 1)"
		. " FROM $users u LEFT JOIN $meta m ON m.user_id = u.ID AND m.meta_key = '{$p}capabilities'"
		. ' WHERE ' . implode( ' OR ', $either ) . ' ORDER BY u.ID LIMIT ' . ( WPSTATE_MOST_ACCOUNTS + count( $logins ) )
	);
	$accounts = array();
	$ids      = array();
	$with     = 0;
	$asked    = array();
	foreach ( $logins as $login ) {
		$asked[ strtolower( $login ) ] = $login; // user_login's collation knows no case
	}
	foreach ( $found as list( $id, $login, $caps, $passwords ) ) {
		$has  = array_map( 'strval', array_keys( array_filter( wpstate_list( (string) $caps ) ) ) );
		$own  = array_values( array_filter( $has, static fn( $word ) => isset( $roles[ $word ] ) ) );
		$name = $asked[ strtolower( $login ) ] ?? null;
		$many = preg_match( '/^a:(\d{1,6}):/', (string) $passwords, $match ) ? (int) $match[1] : 0;
		$with += null !== $name && $many ? 1 : 0;
		$power = array_intersect( $has, array_merge( $strong, WPSTATE_POWERS ) ) || in_array( $login, $supers, true );
		if ( null === $name && ! $power ) {
			continue; // the words stood in another place
		}
		$accounts[] = array( 'login' => $login, 'asked' => $name, 'roles' => $own, 'powerful' => (bool) $power, 'application_passwords' => $many );
		if ( in_array( $name, $ask['leaving'], true ) ) {
			$ids[ $name ] = (int) $id;
		}
	}
	$holders = wpstate_asked_rows( $link, "SELECT COUNT(DISTINCT user_id) FROM $meta WHERE meta_key = '_application_passwords' AND meta_value NOT IN ('', 'a:0:{}')" );
	return array(
		'accounts'                    => $accounts,
		'administrators'              => count( array_filter( $accounts, static fn( $account ) => $account['powerful'] ) ),
		'at_most'                     => $ask['at_most'],
		'shared'                      => "`{$p}users`" !== $users || "`{$p}usermeta`" !== $meta,
		'roles'                       => array_map( 'strval', array_keys( $roles ) ),
		'powerful_roles'              => $strong,
		'other_application_passwords' => max( 0, (int) $holders[0][0] - $with ),
		'content'                     => array_map( static fn( $login, $id ) => wpstate_content_of( $link, $p, $login, $id ), array_keys( $ids ), $ids ),
		'without_author'              => wpstate_without_author( $link, $p, $users ),
	);
}

function wpstate_asked_rows( $link, $sql ) {
	$rows = wpstate_rows( $link, $sql );
	if ( null === $rows ) {
		throw new RuntimeException( 'error ' . $link->errno . ': ' . $link->error );
	}
	return $rows;
}

/** On a network, those who stand above all sites. */
function wpstate_super_admins( $place ) {
	if ( empty( $place['constants']['MULTISITE'] ) ) {
		return array();
	}
	$rows = wpstate_asked_rows( $place['link'], "SELECT meta_value FROM `{$place['prefix']}sitemeta` WHERE meta_key = 'site_admins' LIMIT 1" );
	return array_slice( array_filter( wpstate_list( $rows ? $rows[0][0] : '' ), 'is_string' ), 0, 100 );
}

/** What one account has written, of every post type that stands in the table. */
function wpstate_content_of( $link, $p, $login, $id ) {
	$counts = wpstate_counts( wpstate_asked_rows( $link, "SELECT post_type, COUNT(*) FROM `{$p}posts` WHERE post_author = $id GROUP BY post_type ORDER BY 2 DESC, 1 LIMIT 100" ) );
	$links  = wpstate_rows( $link, "SELECT COUNT(*) FROM `{$p}links` WHERE link_owner = $id" );
	if ( $links && (int) $links[0][0] ) {
		$counts[] = array( 'what' => 'links', 'number' => (int) $links[0][0] );
	}
	$comments = wpstate_asked_rows( $link, "SELECT COUNT(*) FROM `{$p}comments` WHERE user_id = $id" );
	return array( 'login' => $login, 'counts' => $counts, 'comments' => (int) $comments[0][0] );
}

/** Content whose author has no account: what is left where one was deleted and nobody got its content. */
function wpstate_without_author( $link, $p, $users ) {
	$rows = wpstate_asked_rows(
		$link,
		"SELECT p.post_author, CONCAT(p.post_type, IF(p.post_status = 'trash', ' in the trash', '')), COUNT(*) FROM `{$p}posts` p LEFT JOIN $users u ON u.ID = p.post_author"
		. ' WHERE u.ID IS NULL AND p.post_author <> 0 GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2 LIMIT 200'
	);
	$found = array();
	foreach ( $rows as list( $account, $what, $number ) ) {
		$found[ $account ]['account']  = (int) $account;
		$found[ $account ]['counts'][] = array( 'what' => $what, 'number' => (int) $number );
	}
	return array_slice( array_values( $found ), 0, 50 );
}

function wpstate_counts( $rows ) {
	return array_map( static fn( $row ) => array( 'what' => $row[0], 'number' => (int) $row[1] ), $rows );
}
