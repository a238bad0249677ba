<?php
/*
 * Who did what, as the site's own records tell it, with SELECTs alone: WP Activity Log, Simple History and
 * Stream where their tables are there, who edited pages last, when files changed, when administrators were
 * made and signed in. No address, agent or token of a session leaves the site. What it means:
 * wpstate.resources.events and .activity_logs.
 */

const WPSTATE_MOST_EVENTS = 200;
/** Of one site, and of all: a hundred sites may share one answer. */
const WPSTATE_EVENT_BYTES     = 24576;
const WPSTATE_ALL_EVENT_BYTES = 1048576;

/**
 * Each is at, until, who, source and facts by name; of the logs the newest first, as many as there is
 * room for. Never a fault: what cannot be told is not told.
 */
function wpstate_events( $place, $plugins, $sites ) {
	$most = min( WPSTATE_EVENT_BYTES, intdiv( WPSTATE_ALL_EVENT_BYTES, max( 1, $sites ) ) );
	try {
		$logged = array();
		$others = wpstate_file_events( $place, $plugins );
		if ( null !== $place['link'] ) {
			$logged = array_merge( wpstate_activity_log( $place ), wpstate_simple_history( $place ), wpstate_stream( $place ) );
			$others = array_merge( wpstate_sessions( $place ), wpstate_registrations( $place ), wpstate_page_events( $place ), $others );
			usort( $logged, static fn( $one, $other ) => $other['at'] <=> $one['at'] );
		}
	} catch ( Throwable $error ) {
		return array();
	}
	// A log says the most, and must not crowd out all the rest.
	$events = wpstate_that_fit( array_slice( $logged, 0, WPSTATE_MOST_EVENTS ), intdiv( $most * 3, 5 ) );
	return array_merge( $events, wpstate_that_fit( $others, $most - strlen( (string) json_encode( $events, JSON_INVALID_UTF8_SUBSTITUTE ) ) ) );
}

/** As many as fit into so many bytes, with texts cut short. */
function wpstate_that_fit( $events, $bytes ) {
	$fit = array();
	foreach ( $events as $event ) {
		$event['facts'] = (object) array_map( static fn( $fact ) => substr( (string) $fact, 0, 200 ), $event['facts'] );
		$event['who']   = substr( (string) $event['who'], 0, 100 );
		$bytes         -= strlen( (string) json_encode( $event, JSON_INVALID_UTF8_SUBSTITUTE ) ) + 1;
		if ( $bytes < 0 ) {
			break;
		}
		$fit[] = $event;
	}
	return $fit;
}

function wpstate_event( $source, $at, $who, $facts, $until = null ) {
	return array( 'source' => $source, 'at' => max( 0, (int) $at ), 'until' => $until, 'who' => $who, 'facts' => $facts );
}

function wpstate_has_table( $link, $table ) {
	return (bool) wpstate_rows( $link, "SHOW TABLES LIKE '" . addcslashes( $table, '_%' ) . "'" );
}

/** Facts of several records, by record. */
function wpstate_facts( $link, $table, $record, $name, $value, $ids, $names ) {
	$facts = array();
	if ( $ids ) {
		$in   = implode( ',', array_map( 'intval', $ids ) );
		$rows = wpstate_rows( $link, "SELECT $record, $name, LEFT($value, 400) FROM `$table` WHERE $record IN ($in) AND $name IN ('" . implode( "','", $names ) . "') LIMIT 2000" );
		foreach ( $rows ? $rows : array() as list( $id, $key, $text ) ) {
			// An object, serialized: its Username, Name or file is what is asked for.
			$facts[ $id ][ $key ] = preg_match( '/"(?:Username|plugin_dir_path|File|Name)";s:\d+:"([^"]*)"/', (string) $text, $part ) ? $part[1] : (string) $text;
		}
	}
	return $facts;
}

/** Content, accounts, plugins, settings, tasks; signing in, files not found, mails and tasks that ran are left out. */
function wpstate_activity_log( $place ) {
	list( $link, $p ) = array( $place['link'], $place['prefix'] );
	if ( ! wpstate_has_table( $link, "{$p}wsal_occurrences" ) ) {
		return array();
	}
	$where = 'WHERE (alert_id BETWEEN 2000 AND 2999 OR alert_id BETWEEN 4000 AND 6999) AND alert_id NOT IN (6007, 6023, 6061, 6069, 6070) ORDER BY id DESC LIMIT ' . WPSTATE_MOST_EVENTS;
	$rows  = wpstate_rows( $link, "SELECT id, created_on, username, alert_id, post_id FROM `{$p}wsal_occurrences` $where" );
	$rows  = null === $rows ? wpstate_rows( $link, "SELECT id, created_on, '', alert_id, 0 FROM `{$p}wsal_occurrences` $where" ) : $rows; // before 4.4
	$names = array( 'TargetUsername', 'TargetUserID', 'TargetUserData', 'NewUserData', 'PluginFile', 'Plugin', 'PluginData', 'Username', 'PostID', 'Theme', 'name', 'task_name' );
	$facts = wpstate_facts( $link, "{$p}wsal_metadata", 'occurrence_id', 'name', 'value', $rows ? array_column( $rows, 0 ) : array(), $names );
	$found = array();
	foreach ( $rows ? $rows : array() as list( $id, $at, $who, $alert, $post ) ) {
		$told    = ( $facts[ $id ] ?? array() ) + array( 'alert' => $alert, 'post' => $post ? $post : '' );
		$found[] = wpstate_event( 'wsal', $at, $who ? $who : ( $told['Username'] ?? '' ), $told );
	}
	return $found;
}

function wpstate_simple_history( $place ) {
	list( $link, $p ) = array( $place['link'], $place['prefix'] );
	if ( ! wpstate_has_table( $link, "{$p}simple_history" ) ) {
		return array();
	}
	// Bots that try passwords may fill it.
	$rows  = wpstate_rows(
		$link,
		"SELECT h.id, TIMESTAMPDIFF(SECOND, '1970-01-01', h.date), h.logger, h.initiator FROM (SELECT id, date, logger, initiator FROM `{$p}simple_history` ORDER BY id DESC LIMIT 2000) h"
		. " WHERE h.logger <> 'AvailableUpdatesLogger' AND NOT EXISTS (SELECT 1 FROM `{$p}simple_history_contexts` c WHERE c.history_id = h.id AND c.`key` = '_message_key'"
		. " AND c.value IN ('user_login_failed', 'user_unknown_login_failed', 'user_logged_in', 'user_unknown_logged_in', 'user_logged_out')) ORDER BY h.id DESC LIMIT " . WPSTATE_MOST_EVENTS
	);
	$names = array(
		'_user_login', '_message_key', 'plugin_slug', 'plugin', 'plugin_name', 'theme_slug', 'theme_name', 'prev_theme_name', 'theme_stylesheet_path', 'post_id', 'option', 'event_hook',
		'edited_user_login', 'created_user_login', 'deleted_user_login', 'deleted_user_id',
	);
	$facts = wpstate_facts( $link, "{$p}simple_history_contexts", 'history_id', '`key`', 'value', $rows ? array_column( $rows, 0 ) : array(), $names );
	$found = array();
	foreach ( $rows ? $rows : array() as list( $id, $at, $logger, $initiator ) ) {
		$told    = ( $facts[ $id ] ?? array() ) + array( 'logger' => $logger );
		$who     = $told['_user_login'] ?? ( 'wp_cli' === $initiator ? 'WP-CLI' : ( 'wp' === $initiator ? 'WordPress' : '' ) );
		$found[] = wpstate_event( 'simple_history', $at, $who, $told );
	}
	return $found;
}

function wpstate_stream( $place ) {
	list( $link, $p ) = array( $place['link'], $place['prefix'] );
	if ( ! wpstate_has_table( $link, "{$p}stream" ) ) {
		return array();
	}
	$users = wpstate_users_table( $place );
	$rows  = wpstate_rows(
		$link,
		"SELECT s.ID, TIMESTAMPDIFF(SECOND, '1970-01-01', s.created), u.user_login, s.connector, s.context, s.object_id, o.user_login FROM `{$p}stream` s LEFT JOIN $users u ON u.ID = s.user_id"
		. " LEFT JOIN $users o ON s.connector = 'users' AND o.ID = s.object_id WHERE NOT (s.connector = 'users' AND s.context = 'sessions') ORDER BY s.ID DESC LIMIT " . WPSTATE_MOST_EVENTS
	);
	$facts = wpstate_facts( $link, "{$p}stream_meta", 'record_id', 'meta_key', 'meta_value', $rows ? array_column( $rows, 0 ) : array(), array( 'name', 'slug', 'plugin', 'plugin_slug', 'theme_slug', 'option', 'user_meta[user_login]', 'user_meta[agent]' ) );
	$found = array();
	foreach ( $rows ? $rows : array() as list( $id, $at, $who, $connector, $context, $object, $login ) ) {
		$told  = $facts[ $id ] ?? array();
		$agent = $told['user_meta[agent]'] ?? '';
		// The account may be gone meanwhile.
		$who   = $who ?: ( $told['user_meta[user_login]'] ?? '' ) ?: array( 'wp_cli' => 'WP-CLI', 'wp_cron' => 'WordPress' )[ $agent ] ?? '';
		$told += array( 'connector' => $connector, 'context' => $context, 'object' => $object, 'login' => $login );
		unset( $told['user_meta[agent]'], $told['user_meta[user_login]'] );
		$found[] = wpstate_event( 'stream', $at, $who, array_filter( $told, static fn( $fact ) => null !== $fact && '' !== $fact ) );
	}
	return $found;
}

/**
 * Who saved a page, or a form that is a post, last: the author of the revision of that moment, else _edit_last. Neither says who
 * threw it away, so nobody is named for a page in the trash.
 */
function wpstate_page_events( $place ) {
	$users  = wpstate_users_table( $place );
	$p      = $place['prefix'];
	$since  = "TIMESTAMPDIFF(SECOND, '1970-01-01', %s.post_modified_gmt)";
	$latest = "FROM `{$p}posts` r LEFT JOIN $users u ON u.ID = r.post_author WHERE r.post_parent = q.ID AND r.post_type = 'revision' ORDER BY r.ID DESC LIMIT 1";
	$rows   = wpstate_rows(
		$place['link'],
		'SELECT q.ID, q.post_status, ' . sprintf( $since, 'q' ) . ', (SELECT ' . sprintf( $since, 'r' ) . " $latest), (SELECT u.user_login $latest),"
		. " (SELECT u.user_login FROM `{$p}postmeta` m JOIN $users u ON u.ID = m.meta_value WHERE m.post_id = q.ID AND m.meta_key = '_edit_last' LIMIT 1)"
		. " FROM (SELECT ID, post_status, post_modified_gmt FROM `{$p}posts` WHERE post_type IN ('page', 'wpcf7_contact_form', 'wpforms', 'elementor_library') ORDER BY post_modified_gmt DESC LIMIT 30) q"
	);
	$found  = array();
	foreach ( $rows ? $rows : array() as list( $id, $status, $at, $revised, $reviser, $editor ) ) {
		$who     = null !== $revised && abs( (int) $revised - (int) $at ) <= 2 ? $reviser : $editor;
		$found[] = wpstate_event( 'page', $at, 'trash' === $status ? '' : $who, array( 'post' => $id ) );
	}
	return $found;
}

/** When files changed that drift may rest on. The change time counts: it cannot be set. */
function wpstate_file_events( $place, $plugins ) {
	$mu    = wpstate_folder( $place['constants'], 'WPMU_PLUGIN_DIR', $place['content'] . '/mu-plugins' );
	$files = array(
		'core' => $place['wp'] . '/wp-includes/version.php', 'config' => $place['config'], 'theme_files' => wpstate_newest_of_theme( $place ), 'mu_plugins_folder' => $mu,
		'htaccess:root' => $place['wp'] . '/.htaccess', 'htaccess:uploads' => $place['uploads'] . '/.htaccess',
	);
	foreach ( array_slice( $plugins ? $plugins : array(), 0, 100 ) as $plugin ) {
		$files[ 'plugin:' . $plugin['file'] ] = $place['plugins'] . '/' . $plugin['file'];
	}
	$more = array( 'theme:%s' => $place['content'] . '/themes/*/style.css', 'mu_plugin:%s' => "$mu/*.php", 'dropin:%s' => $place['content'] . '/*.php' );
	foreach ( array( '' => '*', 'plugins/' => 'plugins/*', 'themes/' => 'themes/*' ) as $below => $packs ) {
		$more[ "language:$below%s" ] = $place['content'] . "/languages/$packs.mo";
	}
	foreach ( $more as $what => $pattern ) {
		foreach ( array_slice( @glob( $pattern ) ?: array(), 0, 20 ) as $file ) {
			$files[ sprintf( $what, basename( 'theme:%s' === $what ? dirname( $file ) : $file ) ) ] = $file;
		}
	}
	$found = array();
	foreach ( $files as $what => $file ) {
		$at = '' === $file ? false : @filectime( $file );
		if ( false !== $at ) {
			list( $kind, $name ) = explode( ':', $what, 2 ) + array( 1 => '1' );
			$found[]             = wpstate_event( 'file', $at, '', array( $kind => $name ) );
		}
	}
	return $found;
}

/** What was written last of the active theme's own PHP and style; empty where there is none. */
function wpstate_newest_of_theme( $place ) {
	$name   = (string) ( $place['options']['stylesheet'] ?? '' );
	$newest = '';
	foreach ( preg_match( '/^[\w.-]{1,100}$/D', $name ) ? array_slice( @scandir( $place['content'] . "/themes/$name" ) ?: array(), 0, 300 ) : array() as $file ) {
		$path = $place['content'] . "/themes/$name/$file";
		if ( preg_match( '/\.(php|css)$/D', $file ) && ( '' === $newest || @filectime( $path ) > @filectime( $newest ) ) ) {
			$newest = $path;
		}
	}
	return $newest;
}

/** When administrators among the newest accounts were made. */
function wpstate_registrations( $place ) {
	$users = wpstate_users_table( $place );
	$meta  = wpstate_meta_table( $place );
	$rows  = wpstate_rows(
		$place['link'],
		"SELECT u.user_login, TIMESTAMPDIFF(SECOND, '1970-01-01', u.user_registered) FROM (SELECT ID, user_login, user_registered FROM $users ORDER BY ID DESC LIMIT 500) u"
		. " JOIN $meta c ON c.user_id = u.ID AND c.meta_key = '{$place['prefix']}capabilities' AND c.meta_value LIKE '%administrator%' ORDER BY u.ID DESC LIMIT 10"
	);
	return array_map( static fn( $row ) => wpstate_event( 'account', $row[1], '', array( 'login' => $row[0] ) ), $rows ? $rows : array() );
}

/** From when to when administrators are signed in: their sessions' times and nothing else of them. */
function wpstate_sessions( $place ) {
	$users = wpstate_users_table( $place );
	$meta  = wpstate_meta_table( $place );
	$p     = $place['prefix'];
	$rows  = wpstate_rows(
		$place['link'],
		"SELECT u.user_login, LEFT(s.meta_value, 8192) FROM $meta s JOIN $meta c ON c.user_id = s.user_id AND c.meta_key = '{$p}capabilities' AND c.meta_value LIKE '%administrator%'"
		. " JOIN $users u ON u.ID = s.user_id WHERE s.meta_key = 'session_tokens' LIMIT 10"
	);
	$found = array();
	foreach ( $rows ? $rows : array() as list( $login, $sessions ) ) {
		preg_match_all( '/"expiration";i:(\d{1,12});.*?"login";i:(\d{1,12});/s', (string) $sessions, $times, PREG_SET_ORDER );
		foreach ( array_slice( $times, -5 ) as list( , $until, $at ) ) {
			$found[] = wpstate_event( 'session', $at, $login, array(), (int) $until );
		}
	}
	return $found;
}
