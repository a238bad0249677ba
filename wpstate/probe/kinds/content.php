<?php
/*
 * What the probe reads of content, with SELECTs alone: the front page, pages by their slugs, where forms
 * deliver, whether search engines may come. What it means is left to wpstate.resources.content_pages and
 * content_forms, whose adapters tell where plugins keep their forms. Comes after database.php.
 */

const WPSTATE_MOST_FORM_BYTES = 1048576;

/** $ask: home (a slug or null), pages (slugs, a child's with its parents': a/b), forms (or null). */
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

/** What the adapters find: `to` holds texts that name receivers, as they stand in the form. */
function wpstate_content_forms( $link, $prefix, $ask ) {
	$email = wpstate_rows( $link, "SELECT LEFT(option_value, 500) FROM `{$prefix}options` WHERE option_name = 'admin_email'" );
	$found = array();
	foreach ( $ask['adapters'] as $adapter ) {
		foreach ( wpstate_content_form_rows( $link, $prefix, $adapter ) as list( $id, $slug, $title, $data ) ) {
			$form  = wpstate_content_decoded( $data, $adapter['reads'] );
			$parts = null === $adapter['nodes'] || null === $form ? array( $form ) : wpstate_content_nodes( $form, $adapter['nodes'] );
			foreach ( $parts as $number => $part ) {
				$named   = null === $adapter['titled'] ? null : wpstate_content_at( $part, $adapter['titled'] );
				$found[] = array(
					'plugin' => $adapter['plugin'],
					'id'     => null === $adapter['nodes'] ? (string) $id : "$id.$number",
					'slug'   => null === $adapter['nodes'] ? (string) $slug : '',
					'title'  => substr( $named ? (string) $named[0] : (string) $title, 0, 500 ),
					'to'     => null === $part ? array() : wpstate_content_receivers( $part, $adapter['deliveries'] ),
					'unread' => null === $part,
				);
			}
		}
	}
	return array( 'names' => $ask['names'], 'found' => array_slice( $found, 0, 1000 ), 'admin_email' => $email ? (string) $email[0][0] : '' );
}

function wpstate_content_form_rows( $link, $prefix, $adapter ) {
	foreach ( $adapter['tables'] as $table ) {
		if ( ! wpstate_rows( $link, "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '$prefix$table'" ) ) {
			return array();
		}
	}
	$forms = str_replace( '{p}', $prefix, $adapter['rows'] );
	$rows  = wpstate_rows( $link, 'SELECT id, LEFT(slug, 500), LEFT(title, 500), IF(LENGTH(data) > ' . WPSTATE_MOST_FORM_BYTES . ", NULL, data) FROM ($forms) f LIMIT 200" );
	if ( null === $rows ) {
		throw new RuntimeException( "forms of {$adapter['plugin']}: error {$link->errno}: {$link->error}" );
	}
	return $rows;
}

/** An array, objects in it left unborn; null where there is none. */
function wpstate_content_decoded( $data, $reads ) {
	if ( null === $data ) {
		return null;
	}
	if ( 'text' === $reads ) {
		return array( '' => $data );
	}
	$form = 'json' === $reads ? json_decode( $data, true, 128 ) : @unserialize( $data, array( 'allowed_classes' => false ) );
	return is_array( $form ) ? $form : null;
}

/** All values at a path such as `notifications.*.email`. */
function wpstate_content_at( $form, $path ) {
	$found = array( $form );
	foreach ( '' === $path && ! isset( $form[''] ) ? array() : explode( '.', $path ) as $key ) {
		$next = array();
		foreach ( array_filter( $found, 'is_array' ) as $each ) {
			if ( '*' === $key ) {
				$next = array_merge( $next, array_values( $each ) );
			} elseif ( array_key_exists( $key, $each ) ) {
				$next[] = $each[ $key ];
			}
		}
		$found = array_slice( $next, 0, 200 );
	}
	return $found;
}

function wpstate_content_receivers( $form, $deliveries ) {
	$told = array();
	foreach ( $deliveries as $delivery ) {
		foreach ( '' === $delivery['at'] ? array( $form ) : wpstate_content_at( $form, $delivery['at'] ) as $message ) {
			if ( ! is_array( $message ) || wpstate_content_is_off( $form, $message, $delivery['unless'] ) ) {
				continue;
			}
			foreach ( $delivery['to'] as $path ) {
				foreach ( array_filter( wpstate_content_at( $message, $path ), 'is_string' ) as $text ) {
					foreach ( preg_split( '/[\r\n]+/', substr( $text, 0, 4000 ) ) as $line ) {
						$told[] = substr( $line, 0, 500 );
					}
				}
			}
		}
	}
	return array_slice( $told, 0, 100 );
}

function wpstate_content_is_off( $form, $message, $unless ) {
	foreach ( $unless as $path => $values ) {
		$at_root = '/' === $path[0];
		foreach ( wpstate_content_at( $at_root ? $form : $message, ltrim( $path, '/' ) ) as $value ) {
			if ( ! is_array( $value ) && in_array( (string) $value, $values, true ) ) {
				return true;
			}
		}
	}
	return false;
}

/** Parts of a document that have this value under this key, wherever they are. */
function wpstate_content_nodes( $document, $mark, $depth = 0 ) {
	if ( isset( $document[ $mark[0] ] ) && $mark[1] === $document[ $mark[0] ] ) {
		return array( $document );
	}
	$found = array();
	foreach ( $depth < 100 ? array_filter( $document, 'is_array' ) : array() as $part ) {
		$found = array_merge( $found, wpstate_content_nodes( $part, $mark, $depth + 1 ) );
	}
	return array_slice( $found, 0, 100 );
}
