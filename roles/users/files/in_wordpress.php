<?php
/*
 * Accounts: made, given another role, removed with their content handed on. Runs inside WordPress
 * (roles/boot); sends no mail and tells no password. What is to change is decided by the plan.
 */

function wpstate_in_wordpress_users( array $asked, Wpstate_Boot $boot ): array {
	require_once ABSPATH . 'wp-admin/includes/user.php';
	$changed = array();
	foreach ( $asked['changes'] as $change ) {
		list( $login, $part ) = explode( '/', $change['name'], 2 ) + array( 1 => '' );
		$boot->step( "change the account $login" );
		$user = wpstate_account( $login );
		if ( 'application_passwords' === $part ) {
			$done = $user && wpstate_revoke_passwords( $user );
		} elseif ( ! $change['after']['present'] ) {
			$done = $user && wpstate_remove_user( $user, $change['besides']['reassign_to'] ?? '' );
		} elseif ( $user ) {
			$done = wpstate_give_role( $user, (string) $change['after']['value'] );
		} else {
			$done = wpstate_make_user( $login, (string) $change['after']['value'], $change['besides']['email'] ?? '' );
		}
		if ( $done ) {
			$changed[] = $change['name'];
		}
	}
	if ( $changed && ! get_users( array( 'role' => 'administrator', 'number' => 1, 'fields' => 'ID' ) ) ) {
		throw new RuntimeException( 'no administrator would be left' );
	}
	return $changed;
}

/** The account of this very login: to the database, änna is anna. */
function wpstate_account( string $login ) {
	$user = get_user_by( 'login', $login );
	return $user && strtolower( $user->user_login ) === strtolower( $login ) ? $user : false;
}

function wpstate_give_role( WP_User $user, string $role ): bool {
	$wanted = 'none' === $role ? array() : array( $role );
	if ( array_values( $user->roles ) === $wanted ) {
		return false;
	}
	if ( $wanted && ! wp_roles()->is_role( $role ) ) {
		throw new RuntimeException( "the site has no role $role" );
	}
	$user->set_role( 'none' === $role ? '' : $role );
	return true;
}

function wpstate_make_user( string $login, string $role, string $email ): bool {
	if ( '' === $email || ( 'none' !== $role && ! wp_roles()->is_role( $role ) ) ) {
		throw new RuntimeException( '' === $email ? 'it has no address for mail' : "the site has no role $role" );
	}
	$made = wp_insert_user(
		array(
			'user_login' => $login,
			'user_email' => $email,
			'user_pass'  => wp_generate_password( 64, true, true ),
			'role'       => 'none' === $role ? '' : $role,
		)
	);
	if ( is_wp_error( $made ) ) {
		throw new RuntimeException( wp_strip_all_tags( $made->get_error_message() ) );
	}
	return true;
}

function wpstate_revoke_passwords( WP_User $user ): bool {
	$held = WP_Application_Passwords::get_user_application_passwords( $user->ID );
	if ( $held ) {
		WP_Application_Passwords::delete_all_application_passwords( $user->ID );
	}
	return (bool) $held;
}

/** Remove an account; all that it wrote must then be its heir's, whatever the post type. */
function wpstate_remove_user( WP_User $user, string $heir_login ): bool {
	$heir = '' === $heir_login ? false : wpstate_account( $heir_login );
	if ( ! $heir || $heir->ID === $user->ID ) {
		throw new RuntimeException( 'who is to get its content is no other account of this site' );
	}
	$due = wpstate_written_by( $heir->ID );
	foreach ( wpstate_written_by( $user->ID ) as $what => $number ) {
		$due[ $what ] = ( $due[ $what ] ?? 0 ) + $number;
	}
	if ( ! wp_delete_user( $user->ID, $heir->ID ) ) {
		throw new RuntimeException( 'WordPress did not remove it' );
	}
	ksort( $due );
	$left = wpstate_written_by( $user->ID );
	$got  = wpstate_written_by( $heir->ID );
	if ( $left || $got !== $due ) {
		throw new RuntimeException( 'not all that it wrote went to ' . $heir_login . ': due ' . json_encode( $due ) . ', got ' . json_encode( $got ) . ', left ' . json_encode( $left ) );
	}
	return true;
}

/** How much of what, asked of the tables themselves: also of post types that nobody registered. */
function wpstate_written_by( int $id ): array {
	global $wpdb;
	$counts = array();
	foreach ( (array) $wpdb->get_results( $wpdb->prepare( "SELECT post_type, COUNT(*) AS number FROM $wpdb->posts WHERE post_author = %d GROUP BY post_type", $id ) ) as $row ) {
		$counts[ 'post type ' . $row->post_type ] = (int) $row->number;
	}
	$links = (int) $wpdb->get_var( $wpdb->prepare( "SELECT COUNT(*) FROM $wpdb->links WHERE link_owner = %d", $id ) );
	if ( $links ) {
		$counts['links'] = $links;
	}
	ksort( $counts );
	return $counts;
}
