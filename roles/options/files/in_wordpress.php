<?php
/*
 * Runs inside WordPress: sets options through WordPress's own functions, so that caches and plugins hear
 * of it. Of a shared array only the named leaf changes. Whether it may is left to the plan; what was
 * seen there then must still be there now. Nothing that is said holds a secret, or what became of one.
 */

/** Returns the names that it changed. */
function wpstate_in_wordpress_options( array $asked, Wpstate_Boot $boot ): array {
	$of_option = array();
	foreach ( $asked['options'] as $one ) {
		$of_option[ $one['option'] ][] = $one;
	}
	$changed = array();
	foreach ( $of_option as $option => $several ) {
		$boot->step( "set the option $option" );
		foreach ( $several as $one ) {
			if ( ! empty( $one['secret'] ) ) {
				$boot->hide( $one['value'], ( new Wpstate_Option( (string) $option ) )->text_at( $one['path'] ) );
				wpstate_note_secret( $boot->asked['state_dir'], $one['secret'], $one['value'] );
			}
		}
		$changed = array_merge( $changed, ( new Wpstate_Option( (string) $option ) )->set( $several ) );
	}
	return $changed;
}

/**
 * A salted hash of each secret that is set, on this host alone and before it is set: so a later look can
 * tell a value of ours, whose secret has changed since, from somebody else's.
 */
function wpstate_note_secret( string $state, string $name, string $value ): void {
	$file = "$state/secrets_set.json";
	$all  = json_decode( (string) @file_get_contents( $file ), true );
	$all  = is_array( $all ) ? $all : array();
	$own  = array_filter( (array) ( $all[ $name ] ?? array() ), static fn( $pair ) => is_string( $pair[0] ?? null ) && is_string( $pair[1] ?? null ) );
	foreach ( $own as list( $salt, $hmac ) ) {
		if ( hash_hmac( 'sha256', $value, $salt ) === $hmac ) {
			return;
		}
	}
	$salt         = bin2hex( random_bytes( 16 ) );
	$all[ $name ] = array_slice( array_merge( array( array( $salt, hash_hmac( 'sha256', $value, $salt ) ) ), $own ), 0, 8 );
	$text         = json_encode( $all );
	$mask         = umask( 0177 );
	$written      = file_put_contents( "$file.new", $text );
	umask( $mask );
	if ( strlen( $text ) !== $written || ! rename( "$file.new", $file ) ) {
		throw new RuntimeException( 'the state folder cannot be written' );
	}
}

/** One option, from the table itself: an object cache or a filter may say something else. */
final class Wpstate_Option {
	private $name;

	public function __construct( string $name ) {
		$this->name = $name;
	}

	public function set( array $several ): array {
		$this->forget();
		$before = $this->stored();
		$whole  = array_values( array_filter( $several, static fn( $one ) => ! $one['path'] ) );
		if ( $whole ) {
			return $this->set_whole( $whole[0], $before );
		}
		$value   = null === $before ? array() : maybe_unserialize( $before );
		$changed = array();
		foreach ( $several as $one ) {
			if ( ! is_array( $value ) ) {
				throw new RuntimeException( 'it is no array' );
			}
			if ( self::set_leaf( $value, $one['path'], $one ) ) {
				$changed[] = $this->name . '.' . implode( '.', $one['path'] );
			}
		}
		if ( $changed ) {
			update_option( $this->name, $value );
			$this->forget();
			$this->require_leaves( $several );
		}
		return $changed;
	}

	/** A text that is there now; empty where none is. */
	public function text_at( array $path ): string {
		$stored = (string) $this->stored();
		$value  = $path ? maybe_unserialize( $stored ) : $stored;
		foreach ( $path as $key ) {
			$value = is_array( $value ) ? ( $value[ $key ] ?? '' ) : '';
		}
		return is_string( $value ) ? $value : '';
	}

	private function set_whole( array $one, ?string $before ): array {
		if ( ! array_key_exists( 'value', $one ) ) {
			if ( null === $before ) {
				return array();
			}
			delete_option( $this->name );
			if ( null !== $this->stored() ) {
				throw new RuntimeException( 'WordPress did not delete it' );
			}
			return array( $this->name );
		}
		if ( is_array( $one['value'] ) ) {
			return $this->set_list( $one, $before );
		}
		if ( null !== $before && is_array( maybe_unserialize( $before ) ) ) {
			throw new RuntimeException( 'it is an array that others share' );
		}
		if ( $this->is_as_asked( $one, $before ) ) {
			return array();
		}
		update_option( $this->name, $one['value'] );
		$this->forget();
		$after = $this->stored();
		if ( ! $this->is_as_asked( $one, $after ) ) {
			if ( ! empty( $one['secret'] ) ) {
				throw new RuntimeException( 'WordPress keeps something else than the secret that was asked' );
			}
			$kept = null === $after ? 'nothing' : '"' . substr( $after, 0, 200 ) . '"';
			throw new RuntimeException( "WordPress keeps $kept where \"" . substr( (string) $one['value'], 0, 200 ) . '" was asked' );
		}
		return array( $this->name );
	}

	/** A whole option that is a list; only in the place of the one that was seen. */
	private function set_list( array $one, ?string $before ): array {
		$value = null === $before ? null : maybe_unserialize( $before );
		if ( $value === $one['value'] ) {
			return array();
		}
		self::require_seen( $one, $value );
		update_option( $this->name, $one['value'] );
		$this->forget();
		$after = $this->stored();
		if ( null === $after || maybe_unserialize( $after ) !== $one['value'] ) {
			throw new RuntimeException( 'WordPress keeps something else than the list that was asked' );
		}
		return array( $this->name );
	}

	/** Nothing is overwritten that the plan did not show. */
	private static function require_seen( array $one, $there ): void {
		if ( $there !== $one['seen'] ) {
			throw new RuntimeException( 'it is not the list that was seen: somebody else writes it too' );
		}
	}

	private function is_as_asked( array $one, ?string $stored ): bool {
		$text = null !== $stored && $one['escaped'] ? html_entity_decode( $stored, ENT_QUOTES | ENT_HTML5, 'UTF-8' ) : $stored;
		return null !== $stored && (string) $one['value'] === $text;
	}

	/** What WordPress and the option's own sanitizing left of what was asked. */
	private function require_leaves( array $several ): void {
		$stored = $this->stored();
		$value  = null === $stored ? array() : maybe_unserialize( $stored );
		foreach ( $several as $one ) {
			if ( ! is_array( $value ) || self::set_leaf( $value, $one['path'], $one ) ) {
				throw new RuntimeException( 'WordPress keeps something else at ' . implode( '.', $one['path'] ) . ' than was asked' );
			}
		}
	}

	/** Whether the leaf differed. Missing parents are made, others never replaced. */
	private static function set_leaf( array &$value, array $path, array $one ): bool {
		$last   = array_pop( $path );
		$parent = &$value;
		foreach ( $path as $key ) {
			if ( ! array_key_exists( $key, $parent ) ) {
				if ( ! array_key_exists( 'value', $one ) ) {
					return false;
				}
				$parent[ $key ] = array();
			}
			if ( ! is_array( $parent[ $key ] ) ) {
				throw new RuntimeException( "the path leads through $key, which is no array" );
			}
			$parent = &$parent[ $key ];
		}
		$there = array_key_exists( $last, $parent );
		if ( ! array_key_exists( 'value', $one ) ) {
			unset( $parent[ $last ] );
			return $there;
		}
		if ( $there && $parent[ $last ] === $one['value'] ) {
			return false;
		}
		if ( is_array( $one['value'] ) ) {
			self::require_seen( $one, $there ? $parent[ $last ] : null );
		} elseif ( $there && ( is_array( $parent[ $last ] ) || is_object( $parent[ $last ] ) ) ) {
			throw new RuntimeException( "$last is no single value" );
		}
		$parent[ $last ] = $one['value'];
		return true;
	}

	private function stored(): ?string {
		global $wpdb;
		return $wpdb->get_var( $wpdb->prepare( "SELECT option_value FROM $wpdb->options WHERE option_name = %s", $this->name ) );
	}

	/** A cache that is older than the table would make WordPress take a change for none. */
	private function forget(): void {
		wp_cache_delete( $this->name, 'options' );
		wp_cache_delete( 'alloptions', 'options' );
		wp_cache_delete( 'notoptions', 'options' );
	}
}
