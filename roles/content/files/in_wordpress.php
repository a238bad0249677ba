<?php
/*
 * Inside WordPress: take declared pages out of the trash, under the slugs that they had.
 * Runs in the one boot (role boot). PHP 7.4 to 8.4, WordPress 6.2 to 7.1.
 */

/** Names of what was changed: `home`, `pages.contact`. */
function wpstate_in_wordpress_content( array $asked, Wpstate_Boot $boot ): array {
	$changed = array();
	foreach ( $asked['changes'] as $change ) {
		$is_home = 'home' === $change['name'];
		$slug    = $is_home ? $change['after']['value'] : substr( $change['name'], strlen( 'pages.' ) );
		$boot->step( "take the page $slug out of the trash" );
		list( $id, $restored ) = wpstate_content_restored( $slug );
		$is_front              = 'page' === get_option( 'show_on_front' ) && (int) get_option( 'page_on_front' ) === $id;
		if ( $is_home && ! $is_front ) {
			// WordPress lets go of the front page when it is thrown away.
			update_option( 'show_on_front', 'page' );
			update_option( 'page_on_front', $id );
			$restored = true;
		}
		if ( $restored ) {
			$changed[] = $change['name'];
		}
	}
	return $changed;
}

/** @return array{0: int, 1: bool} The page that is published under this slug now, and whether it came out of the trash. */
function wpstate_content_restored( string $slug ): array {
	$there = get_page_by_path( $slug );
	if ( $there && 'publish' === $there->post_status ) {
		return array( $there->ID, false );
	}
	$id = wpstate_content_in_trash( $slug );
	if ( null === $id ) {
		throw new RuntimeException( 'it is not in the trash' );
	}
	// Since WordPress 5.6 what comes back is a draft unless this is said.
	add_filter( 'wp_untrash_post_status', 'wp_untrash_post_set_previous_status', PHP_INT_MAX, 3 );
	$post = wp_untrash_post( $id );
	remove_filter( 'wp_untrash_post_status', 'wp_untrash_post_set_previous_status', PHP_INT_MAX );
	$back = get_page_by_path( $slug );
	if ( ! $post || ! $back || $back->ID !== $id || 'publish' !== $back->post_status ) {
		throw new RuntimeException( 'WordPress did not publish it there again' );
	}
	return array( $id, true );
}

/** The page that had this slug and was thrown away last. */
function wpstate_content_in_trash( string $slug ): ?int {
	global $wpdb;
	$parts = explode( '/', $slug );
	$id    = $wpdb->get_var(
		$wpdb->prepare(
			"SELECT p.ID FROM $wpdb->posts p
			JOIN $wpdb->postmeta was ON was.post_id = p.ID AND was.meta_key = '_wp_trash_meta_status' AND was.meta_value = 'publish'
			LEFT JOIN $wpdb->postmeta gone ON gone.post_id = p.ID AND gone.meta_key = '_wp_trash_meta_time'
			LEFT JOIN $wpdb->postmeta kept ON kept.post_id = p.ID AND kept.meta_key = '_wp_desired_post_slug'
			WHERE p.post_type = 'page' AND p.post_status = 'trash' AND (p.post_name = %s OR p.post_name = %s OR kept.meta_value = %s)
			ORDER BY gone.meta_value DESC, p.ID LIMIT 1",
			end( $parts ),
			end( $parts ) . '__trashed',
			end( $parts )
		)
	);
	return null === $id ? null : (int) $id;
}
