<?php
/*
 * Plugin Name: wpstate security
 * Description: Closes what this site's file asks to have closed. Written by wpstate; an edit is overwritten.
 * Version: 1
 *
 * One text for all sites; its last line names what is closed here. Nothing in it opens anything, asks
 * another host, or reads or writes the database. As a must-use plugin it is loaded before all others.
 * PHP 7.4 to 8.4, WordPress 6.2 to 7.1.
 */

defined( 'ABSPATH' ) || exit;

( static function ( array $closed ) {
	$is = static function ( string $name ) use ( $closed ): bool {
		return in_array( $name, $closed, true );
	};

	if ( $is( 'xmlrpc' ) ) {
		// xmlrpc.php says so before it loads WordPress: nothing of a request is read.
		if ( defined( 'XMLRPC_REQUEST' ) && XMLRPC_REQUEST ) {
			status_header( 403 );
			header( 'Content-Type: text/plain; charset=utf-8' );
			exit( "XML-RPC is closed on this site.\n" );
		}
		remove_action( 'wp_head', 'rsd_link' );
		add_filter(
			'wp_headers',
			static function ( $headers ) {
				unset( $headers['X-Pingback'] );
				return $headers;
			},
			PHP_INT_MAX
		);
	}

	if ( $is( 'user_enumeration' ) ) {
		// WordPress compares routes without regard to case, and asks this for embedded authors too.
		add_filter(
			'rest_pre_dispatch',
			static function ( $answer, $server, $request ) {
				if ( ! is_user_logged_in() && preg_match( '#^/wp/v2/users(/|$)#i', $request->get_route() ) ) {
					return new WP_Error( 'rest_user_cannot_view', __( 'Sorry, you are not allowed to list users.' ), array( 'status' => 401 ) );
				}
				return $answer;
			},
			PHP_INT_MAX,
			3
		);
		// `?author=1` would be redirected to the author's name. Pages of authors stay.
		add_action(
			'parse_request',
			static function ( $wp ) {
				if ( isset( $wp->query_vars['author'] ) && ! is_admin() && ! is_user_logged_in() ) {
					$wp->query_vars = array( 'error' => '404' );
				}
			},
			PHP_INT_MAX
		);
		add_filter(
			'wp_sitemaps_add_provider',
			static function ( $provider, $name ) {
				return 'users' === $name ? false : $provider;
			},
			PHP_INT_MAX,
			2
		);
		add_filter(
			'oembed_response_data',
			static function ( $data ) {
				unset( $data['author_url'] );
				return $data;
			},
			PHP_INT_MAX
		);
	}

	if ( $is( 'login_errors' ) ) {
		// Core's own sentence where it does not tell either, so that it is translated.
		add_filter(
			'login_errors',
			static function () {
				return __( '<strong>Error:</strong> Invalid username, email address or incorrect password.' );
			},
			PHP_INT_MAX
		);
	}

	if ( $is( 'application_passwords' ) ) {
		add_filter( 'wp_is_application_passwords_available', '__return_false', PHP_INT_MAX );
	}

	if ( $is( 'security_headers' ) ) {
		// What the site sends already stays as it is. Other sites may frame what is made for that: embeds.
		add_filter(
			'wp_headers',
			static function ( $headers, $wp = null ) {
				$ours = array(
					'X-Content-Type-Options' => 'nosniff',
					'Referrer-Policy'        => 'strict-origin-when-cross-origin',
				);
				if ( ! isset( $wp->query_vars['embed'] ) ) {
					$ours['X-Frame-Options'] = 'SAMEORIGIN';
				}
				return $headers + $ours;
			},
			PHP_INT_MAX,
			2
		);
	}

	if ( $is( 'version' ) ) {
		add_filter( 'the_generator', '__return_empty_string', PHP_INT_MAX );
		// Another word for the same version: browsers still notice an update.
		$hide = static function ( $address ) {
			$version = get_bloginfo( 'version' );
			$other   = substr( hash( 'sha256', wp_salt() . $version ), 0, 8 );
			return is_string( $address ) ? preg_replace( '/([?&;]ver=)' . preg_quote( $version, '/' ) . '(?![\w.])/', '${1}' . $other, $address ) : $address;
		};
		foreach ( array( 'style_loader_src', 'script_loader_src', 'script_module_loader_src' ) as $hook ) {
			add_filter( $hook, $hide, PHP_INT_MAX );
		}
	}
} )( array() );
