<?php
/**
 * Plugin Name: Lab object cache
 * Description: WordPress's object cache in Redis, through phpredis. Keys: SALT group : key. Falls back to memory when Redis does not answer.
 *
 * The functions are those that wp-includes/cache.php and cache-compat.php define (6.8 to 7.1).
 */

final class WP_Object_Cache {
	private array $memory       = array();
	private array $only_memory  = array();
	private ?Redis $redis       = null;

	public function __construct() {
		try {
			$redis = new Redis();
			$redis->connect( WP_REDIS_HOST, WP_REDIS_PORT, 0.5 );
			$redis->setOption( Redis::OPT_SERIALIZER, Redis::SERIALIZER_PHP );
			$redis->setOption( Redis::OPT_PREFIX, WP_CACHE_KEY_SALT );
			$this->redis = $redis;
		} catch ( RedisException $problem ) {
			error_log( 'object cache: ' . $problem->getMessage() );
		}
	}

	public function keep_in_memory( array $groups ): void {
		$this->only_memory += array_fill_keys( $groups, true );
	}

	private function name( $key, $group ): string {
		return ( '' === (string) $group ? 'default' : $group ) . ':' . $key;
	}

	private function shared( $group ): ?Redis {
		return isset( $this->only_memory[ $group ] ) ? null : $this->redis;
	}

	public function get( $key, $group, bool $force, &$found ) {
		$name  = $this->name( $key, $group );
		$redis = $this->shared( $group );
		if ( $redis && ( $force || ! array_key_exists( $name, $this->memory ) ) ) {
			// A value is boxed, so that a stored false is told from a missing one.
			$box = $redis->get( $name );
			if ( is_array( $box ) ) {
				$this->memory[ $name ] = $box[0];
			} else {
				unset( $this->memory[ $name ] );
			}
		}
		$found = array_key_exists( $name, $this->memory );
		$value = $found ? $this->memory[ $name ] : false;
		return is_object( $value ) ? clone $value : $value;
	}

	public function set( $key, $value, $group, $expire_s ): bool {
		$name                  = $this->name( $key, $group );
		$this->memory[ $name ] = is_object( $value ) ? clone $value : $value;
		$redis                 = $this->shared( $group );
		if ( ! $redis ) {
			return true;
		}
		return $expire_s > 0 ? $redis->setex( $name, (int) $expire_s, array( $value ) ) : $redis->set( $name, array( $value ) );
	}

	public function delete( $key, $group ): bool {
		$name  = $this->name( $key, $group );
		$known = array_key_exists( $name, $this->memory );
		unset( $this->memory[ $name ] );
		$redis = $this->shared( $group );
		return $redis ? $redis->del( $name ) > 0 : $known;
	}

	public function flush( string $only = '' ): bool {
		$this->memory = array_filter(
			$this->memory,
			fn( $name ) => '' !== $only && ! str_starts_with( $name, $only ),
			ARRAY_FILTER_USE_KEY
		);
		if ( $this->redis ) {
			// KEYS knows the prefix and DEL adds it again: strip it between the two.
			$names = array_map( fn( $name ) => substr( $name, strlen( WP_CACHE_KEY_SALT ) ), $this->redis->keys( $only . '*' ) );
			foreach ( array_chunk( $names, 500 ) as $chunk ) {
				$this->redis->del( $chunk );
			}
		}
		return true;
	}

	public function forget_memory(): bool {
		$this->memory = array();
		return true;
	}
}

function wp_cache_init() {
	$GLOBALS['wp_object_cache'] = new WP_Object_Cache();
}
function wp_cache_get( $key, $group = '', $force = false, &$found = null ) {
	return $GLOBALS['wp_object_cache']->get( $key, $group, (bool) $force, $found );
}
function wp_cache_set( $key, $data, $group = '', $expire = 0 ) {
	return $GLOBALS['wp_object_cache']->set( $key, $data, $group, $expire );
}
function wp_cache_add( $key, $data, $group = '', $expire = 0 ) {
	wp_cache_get( $key, $group, true, $found );
	return ! wp_suspend_cache_addition() && ! $found && wp_cache_set( $key, $data, $group, $expire );
}
function wp_cache_replace( $key, $data, $group = '', $expire = 0 ) {
	wp_cache_get( $key, $group, true, $found );
	return $found && wp_cache_set( $key, $data, $group, $expire );
}
function wp_cache_delete( $key, $group = '' ) {
	return $GLOBALS['wp_object_cache']->delete( $key, $group );
}
function wp_cache_incr( $key, $offset = 1, $group = '' ) {
	$value = wp_cache_get( $key, $group, true, $found );
	if ( ! $found ) {
		return false;
	}
	$value = max( 0, (int) $value + (int) $offset );
	wp_cache_set( $key, $value, $group );
	return $value;
}
function wp_cache_decr( $key, $offset = 1, $group = '' ) {
	return wp_cache_incr( $key, -$offset, $group );
}
function wp_cache_add_multiple( array $data, $group = '', $expire = 0 ) {
	return array_combine( array_keys( $data ), array_map( fn( $key, $value ) => wp_cache_add( $key, $value, $group, $expire ), array_keys( $data ), $data ) );
}
function wp_cache_set_multiple( array $data, $group = '', $expire = 0 ) {
	return array_combine( array_keys( $data ), array_map( fn( $key, $value ) => wp_cache_set( $key, $value, $group, $expire ), array_keys( $data ), $data ) );
}
function wp_cache_get_multiple( $keys, $group = '', $force = false ) {
	return array_combine( $keys, array_map( fn( $key ) => wp_cache_get( $key, $group, $force ), $keys ) );
}
function wp_cache_delete_multiple( array $keys, $group = '' ) {
	return array_combine( $keys, array_map( fn( $key ) => wp_cache_delete( $key, $group ), $keys ) );
}
function wp_cache_flush() {
	return $GLOBALS['wp_object_cache']->flush();
}
function wp_cache_flush_group( $group ) {
	return $GLOBALS['wp_object_cache']->flush( $group . ':' );
}
function wp_cache_flush_runtime() {
	return $GLOBALS['wp_object_cache']->forget_memory();
}
function wp_cache_supports( $feature ) {
	return in_array( $feature, array( 'add_multiple', 'set_multiple', 'get_multiple', 'delete_multiple', 'flush_runtime', 'flush_group' ), true );
}
function wp_cache_close() {
	return true;
}
function wp_cache_add_global_groups( $groups ) {}
function wp_cache_switch_to_blog( $blog_id ) {}
function wp_cache_add_non_persistent_groups( $groups ) {
	$GLOBALS['wp_object_cache']->keep_in_memory( (array) $groups );
}
