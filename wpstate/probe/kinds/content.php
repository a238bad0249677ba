<?php
/*
 * What the probe reads of content, with SELECTs alone: the front page, pages by their slugs, whether search
 * engines may come. What it means is left to wpstate.resources.content_pages, forms to content_forms.php,
 * themes to content_themes.php. Comes after database.php.
 */

/** $ask: home (a slug or null), pages (slugs, a child's with its parents': a/b), forms (or null), themes (bool), texts (or null). */
function wpstate_kind_content( $ask, $place ) {
	$link = $place['link'];
	if ( null === $link ) {
		throw new RuntimeException( 'the database cannot be asked' );
	}
	$posts   = "`{$place['prefix']}posts`";
	$options = wpstate_content_options( $link, $place['prefix'] );
	$pages   = array();
	foreach ( $ask['pages'] as $slug ) {
		$pages[ $slug ] = wpstate_content_page( $link, $place['prefix'], (string) $slug );
	}
	$is_page = 'page' === ( $options['show_on_front'] ?? '' );
	$front   = $is_page ? wpstate_content_rows( $link, $place['prefix'], "p.ID = " . (int) ( $options['page_on_front'] ?? 0 ) ) : array();
	return array(
		'home'     => $ask['home'],
		'front'    => $front ? wpstate_content_told( $link, $posts, $front[0], 'trash' === $front[0]['post_status'] ? 'trash' : 'there' ) : null,
		'front_is' => $is_page ? 'page' : 'posts',
		'pages'    => (object) $pages,
		'forms'    => null === $ask['forms'] ? null : wpstate_content_forms( $link, $place['prefix'], $ask['forms'] ),
		'themes'   => $ask['themes'] ? wpstate_content_themes( $place ) : null,
		'texts'    => null === $ask['texts'] ? null : wpstate_content_texts( $place, $ask['texts'] ),
		'public'   => substr( (string) ( $options['blog_public'] ?? '1' ), 0, 20 ),
	);
}

function wpstate_content_options( $link, $prefix ) {
	$rows = wpstate_rows( $link, "SELECT option_name, LEFT(option_value, 200) FROM `{$prefix}options` WHERE option_name IN ('show_on_front', 'page_on_front', 'blog_public')" );
	if ( null === $rows ) {
		throw new RuntimeException( 'error ' . $link->errno . ': ' . $link->error );
	}
	return array_column( $rows, 1, 0 );
}

/** The page at a slug; else the one that was there and lies in the trash, or bears another slug now; else null. */
function wpstate_content_page( $link, $prefix, $path ) {
	$parts = explode( '/', $path );
	$slug  = "'" . $link->real_escape_string( end( $parts ) ) . "'";
	$posts = "`{$prefix}posts`";
	$meta  = "`{$prefix}postmeta`";
	foreach ( wpstate_content_rows( $link, $prefix, "p.post_name = $slug AND p.post_status <> 'trash'" ) as $row ) {
		if ( wpstate_content_path( $link, $posts, $row ) === $path ) {
			return wpstate_content_told( $link, $posts, $row, 'there' );
		}
	}
	// wp_add_trashed_suffix_to_post_name_for_post() keeps the slug there (WordPress 4.5 to 7.1).
	$kept = "EXISTS (SELECT 1 FROM $meta m WHERE m.post_id = p.ID AND m.meta_key = '_wp_desired_post_slug' AND m.meta_value = $slug)";
	foreach ( wpstate_content_rows( $link, $prefix, "p.post_status = 'trash' AND (p.post_name = $slug OR p.post_name = CONCAT($slug, '__trashed') OR $kept)" ) as $row ) {
		return wpstate_content_told( $link, $posts, $row, 'trash' );
	}
	// Nothing keeps a page's former slug: its number tells (contact-2), else its title.
	$words = "'" . $link->real_escape_string( str_replace( '-', ' ', end( $parts ) ) ) . "'";
	$title = "REPLACE(CONVERT(p.post_title USING utf8mb4), '-', ' ') COLLATE utf8mb4_unicode_ci = CONVERT($words USING utf8mb4) COLLATE utf8mb4_unicode_ci";
	$moved = "p.post_name REGEXP CONCAT('^', REPLACE($slug, '.', '[.]'), '-[0-9]+$') OR $title";
	foreach ( wpstate_content_rows( $link, $prefix, "p.post_status = 'publish' AND ($moved)" ) as $row ) {
		return wpstate_content_told( $link, $posts, $row, 'moved' );
	}
	return null;
}

/** Pages that fit, published ones and those thrown away last first. */
function wpstate_content_rows( $link, $prefix, $which ) {
	$meta   = "(SELECT LEFT(m.meta_value, 40) FROM `{$prefix}postmeta` m WHERE m.post_id = p.ID AND m.meta_key = '_wp_trash_meta_%s' LIMIT 1)";
	$result = $link->query(
		'SELECT p.ID, p.post_name, LEFT(p.post_title, 500) AS post_title, p.post_status, p.post_parent, p.post_password <> \'\' AS locked,'
		. ' ' . sprintf( $meta, 'status' ) . ' AS was, ' . sprintf( $meta, 'time' ) . ' AS trashed_at'
		. " FROM `{$prefix}posts` p WHERE p.post_type = 'page' AND ($which)"
		. " ORDER BY p.post_status = 'publish' DESC, was = 'publish' DESC, trashed_at DESC, p.ID LIMIT 20"
	);
	if ( ! $result instanceof mysqli_result ) {
		throw new RuntimeException( 'error ' . $link->errno . ': ' . $link->error );
	}
	return $result->fetch_all( MYSQLI_ASSOC );
}

function wpstate_content_told( $link, $posts, $row, $how ) {
	$in_trash = 'trash' === $how;
	return array(
		'how'        => $how,
		'id'         => (int) $row['ID'],
		'slug'       => wpstate_content_path( $link, $posts, $row ),
		'title'      => (string) $row['post_title'],
		'status'     => substr( (string) ( $in_trash ? $row['was'] : $row['post_status'] ), 0, 40 ),
		'locked'     => (bool) $row['locked'],
		'trashed_at' => $in_trash ? min( 99999999999, max( 0, (int) $row['trashed_at'] ) ) : null,
	);
}

/** A page's slug after those of the pages above it, as its address has them. */
function wpstate_content_path( $link, $posts, $row ) {
	$path   = $row['post_name'];
	$parent = (int) $row['post_parent'];
	for ( $depth = 0; $depth < 5 && $parent > 0; $depth++ ) {
		$above = wpstate_rows( $link, "SELECT post_name, post_parent FROM $posts WHERE ID = $parent" );
		if ( ! $above ) {
			break;
		}
		$path   = $above[0][0] . '/' . $path;
		$parent = (int) $above[0][1];
	}
	return substr( $path, 0, 600 );
}
