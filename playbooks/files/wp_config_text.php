<?php
/*
 * Reads the constants that one wp-config.php defines, by PHP's own tokens, and writes its text anew with
 * some of them set: all else stays byte for byte. Only a plain statement with a plain value is edited;
 * what is decided elsewhere is told by its form. Used by the probe too, which only reads. Writing the
 * file is left to wp_config.php. Needs nothing else of ours. PHP 7.4 to 8.4.
 */

/** The text of a wp-config.php, taken apart. */
final class Wpstate_Config_Text {
	private $code;
	private $tokens = array(); // without spaces and comments: id (0 for a sign), text, offset
	private $defines = array();
	private $place;

	public function __construct( string $code ) {
		$this->code = $code;
		$offset     = 0;
		$stops      = array(); // "stop editing" comments, by the token that comes after
		foreach ( token_get_all( $code ) as $token ) {
			list( $id, $text ) = is_array( $token ) ? $token : array( 0, $token );
			if ( T_COMMENT === $id || T_DOC_COMMENT === $id ) {
				if ( false !== stripos( $text, 'stop editing' ) ) {
					$stops += array( count( $this->tokens ) => $offset );
				}
			} elseif ( T_WHITESPACE !== $id ) {
				$this->tokens[] = array( $id, $text, $offset );
			}
			$offset += strlen( $text );
		}
		$this->read( $stops );
	}

	/**
	 * How a constant is defined here: form (missing, plain, computed, conditional, late, twice), and of
	 * a plain one its value where it is a simple literal.
	 */
	public function find( string $name ): array {
		$found = $this->defines[ $name ] ?? array();
		if ( count( $found ) > 1 ) {
			return array( 'form' => 'twice' );
		}
		return $found ? array_intersect_key( $found[0], array( 'form' => 1, 'value' => 1 ) ) : array( 'form' => 'missing' );
	}

	/** Whether there is a place for a new constant: before the statement that loads wp-settings.php. */
	public function has_place(): bool {
		return null !== $this->place;
	}

	/** The text with constants set (name to value) or, where the value is null, taken out. */
	public function with( array $asked ): string {
		$edits = array();
		$new   = '';
		$eol   = preg_match( '/\r?\n/', $this->code, $first ) ? $first[0] : "\n";
		foreach ( $asked as $name => $value ) {
			$form = $this->find( $name )['form'];
			if ( 'missing' === $form && null !== $value ) {
				$new .= "define( '$name', " . self::literal( $value ) . " );$eol";
			} elseif ( 'plain' === $form ) {
				$one                = $this->defines[ $name ][0];
				list( $from, $to )  = null === $value ? $this->line_of( $one['from'], $one['to'] ) : $one['at'];
				$edits[ $from ]     = array( $to, null === $value ? '' : self::literal( $value ) );
			} elseif ( 'missing' !== $form ) {
				throw new RuntimeException( "$name is $form in wp-config.php" );
			}
		}
		if ( '' !== $new ) {
			if ( ! $this->has_place() ) {
				throw new RuntimeException( 'wp-config.php has no place for a new constant' );
			}
			$edits[ $this->place ] = array( $this->place, $new );
		}
		krsort( $edits );
		$code = $this->code;
		foreach ( $edits as $from => list( $to, $text ) ) {
			$code = substr_replace( $code, $text, $from, $to - $from );
		}
		return $code;
	}

	/** Every constant's ways of being defined, but for the named ones: to prove that they stayed. */
	public function others( array $names ): array {
		$all = array_diff_key( $this->defines, array_flip( $names ) );
		return array_map( fn( $several ) => array_map( fn( $one ) => array( $one['form'], substr( $this->code, $one['at'][0], $one['at'][1] - $one['at'][0] ) ), $several ), $all );
	}

	/** Goes through the statements, and knows at each whether it runs unasked. */
	private function read( array $stops ): void {
		$stop  = null;
		$deep  = 0; // in braces, parentheses, and blocks that end with endif and the like
		$late  = false;
		$start = true;
		$heads = array( T_IF, T_FOR, T_FOREACH, T_WHILE, T_SWITCH, T_DECLARE );
		$ends  = array( T_ENDIF, T_ENDFOR, T_ENDFOREACH, T_ENDWHILE, T_ENDSWITCH, T_ENDDECLARE );
		foreach ( $this->tokens as $at => list( $id, $text, $offset ) ) {
			$plain = $start && 0 === $deep;
			$stop  = $plain ? $stop ?? $stops[ $at ] ?? null : $stop;
			if ( $this->is_define( $at ) ) {
				$this->note_define( $at, $plain, $late );
			} elseif ( T_CONST === $id && $plain ) {
				$this->note_const( $at, $late );
			} elseif ( $plain && in_array( $id, array( T_REQUIRE, T_REQUIRE_ONCE, T_INCLUDE, T_INCLUDE_ONCE ), true ) && $this->loads_settings( $at ) ) {
				$this->place = $this->place ?? $this->line_start( $stop ?? $offset );
				$late        = true;
			} elseif ( $plain && in_array( $id, array( T_RETURN, T_EXIT, T_HALT_COMPILER, T_GOTO ), true ) ) {
				$late = true;
			}
			$deep += $this->step( $at ) + ( in_array( $id, $heads, true ) && $this->is_long_form( $at ) ? 1 : 0 ) - ( in_array( $id, $ends, true ) ? 1 : 0 );
			$start = in_array( $this->sign( $at ), array( ';', '{', '}' ), true ) || in_array( $id, array( T_OPEN_TAG, T_CLOSE_TAG ), true ) || ( $start && T_NS_SEPARATOR === $id );
		}
	}

	private function token( int $at ): array {
		return $this->tokens[ $at ] ?? array( 0, '', strlen( $this->code ) );
	}

	private function sign( int $at ): string {
		list( $id, $text ) = $this->token( $at );
		return 0 === $id ? $text : '';
	}

	private function is_define( int $at ): bool {
		$before = $this->token( $at - 1 )[0];
		return in_array( strtolower( $this->token( $at )[1] ), array( 'define', '\define' ), true ) && '(' === $this->sign( $at + 1 )
			&& T_CONSTANT_ENCAPSED_STRING === $this->token( $at + 2 )[0] && ',' === $this->sign( $at + 3 )
			&& ! in_array( $before, array( T_FUNCTION, T_NEW, T_OBJECT_OPERATOR, T_DOUBLE_COLON ), true );
	}

	private function note_define( int $at, bool $plain, bool $late ): void {
		$close = $this->closing( $at + 1 );
		$comma = $this->next( $at + 4, $close, ',' );
		$ended = ';' === $this->sign( $close + 1 ) || T_CLOSE_TAG === $this->token( $close + 1 )[0];
		$from  = T_NS_SEPARATOR === $this->token( $at - 1 )[0] ? $at - 1 : $at;
		$this->note( substr( $this->token( $at + 2 )[1], 1, -1 ), $from, $at + 4, $comma, $close + 1, $plain && $ended, $late );
	}

	/** `const WP_DEBUG = true;`, of which one statement may hold several. */
	private function note_const( int $at, bool $late ): void {
		$end = $this->next( $at + 1, count( $this->tokens ), ';' );
		if ( '=' === $this->sign( $at + 2 ) ) {
			$single = $end === $this->next( $at + 3, $end, ',' );
			$this->note( $this->token( $at + 1 )[1], $at, $at + 3, $end, $end, $single, $late );
		}
	}

	private function note( string $name, int $from, int $first, int $after, int $end, bool $plain, bool $late ): void {
		$last    = $this->token( $after - 1 );
		$literal = $this->literal_value( $first, $after );
		$form    = ! $plain ? 'conditional' : ( $late ? 'late' : ( null === $literal ? 'computed' : 'plain' ) );
		$closed  = ';' === $this->sign( $end ) ? 1 : 0;
		$one     = array(
			'form' => $form,
			'from' => $this->token( $from )[2],
			'to'   => $this->token( $end )[2] + $closed,
			'at'   => array( $this->token( $first )[2], $last[2] + strlen( $last[1] ) ),
		);
		$this->defines[ $name ][] = 'plain' === $form ? $one + $literal : $one;
	}

	/** Null for what is no literal; nothing in the list for one that is not worth reading, such as 0x1F. */
	private function literal_value( int $first, int $after ): ?array {
		$minus = '-' === $this->token( $first )[1] ? 1 : 0;
		if ( $first + $minus + 1 !== $after ) {
			return null;
		}
		list( $id, $text ) = $this->token( $first + $minus );
		if ( T_LNUMBER === $id || T_DNUMBER === $id ) {
			return T_LNUMBER === $id && preg_match( '/^(0|[1-9]\d{0,17})$/D', $text ) ? array( 'value' => ( $minus ? -1 : 1 ) * (int) $text ) : array();
		}
		if ( T_CONSTANT_ENCAPSED_STRING === $id && ! $minus ) {
			$inner = substr( $text, 1, -1 );
			if ( "'" === $text[0] ) {
				return array( 'value' => strtr( $inner, array( '\\\\' => '\\', "\\'" => "'" ) ) );
			}
			return false === strpos( $inner, '\\' ) ? array( 'value' => $inner ) : array();
		}
		$words = array( 'true' => true, 'false' => false );
		$word  = strtolower( ltrim( $text, '\\' ) );
		return ! $minus && isset( $words[ $word ] ) ? array( 'value' => $words[ $word ] ) : null;
	}

	private static function literal( $value ): string {
		if ( is_string( $value ) ) {
			return "'" . strtr( $value, array( '\\' => '\\\\', "'" => "\\'" ) ) . "'";
		}
		return is_bool( $value ) ? ( $value ? 'true' : 'false' ) : (string) (int) $value;
	}

	/** Of an opening parenthesis, the one that closes it. */
	private function closing( int $open ): int {
		$deep = 0;
		for ( $at = $open; isset( $this->tokens[ $at ] ); ++$at ) {
			$deep += $this->step( $at );
			if ( 0 === $deep ) {
				return $at;
			}
		}
		return $at;
	}

	/** The next such sign that no parenthesis holds, or $end. */
	private function next( int $at, int $end, string $sign ): int {
		for ( $deep = 0; $at < $end; ++$at ) {
			if ( 0 === $deep && ( $sign === $this->sign( $at ) || T_CLOSE_TAG === $this->token( $at )[0] ) ) {
				return $at;
			}
			$deep += $this->step( $at );
		}
		return $end;
	}

	/** Whether a token goes in or out of braces and parentheses; those in texts are none. */
	private function step( int $at ): int {
		$sign    = $this->sign( $at );
		$openers = array( T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES, defined( 'T_ATTRIBUTE' ) ? T_ATTRIBUTE : -1 );
		if ( in_array( $sign, array( '(', '[', '{' ), true ) || in_array( $this->token( $at )[0], $openers, true ) ) {
			return 1;
		}
		return in_array( $sign, array( ')', ']', '}' ), true ) ? -1 : 0;
	}

	/** `if (…):` … `endif;` */
	private function is_long_form( int $at ): bool {
		return '(' === $this->sign( $at + 1 ) && ':' === $this->sign( $this->closing( $at + 1 ) + 1 );
	}

	private function loads_settings( int $at ): bool {
		for ( $end = $this->next( $at, count( $this->tokens ), ';' ); $at < $end; ++$at ) {
			list( $id, $text ) = $this->token( $at );
			if ( T_CONSTANT_ENCAPSED_STRING === $id && 'wp-settings.php' === basename( substr( $text, 1, -1 ) ) ) {
				return true;
			}
		}
		return false;
	}

	private function line_start( int $offset ): int {
		$line = (int) strrpos( "\n" . substr( $this->code, 0, $offset ), "\n" );
		return '' === trim( substr( $this->code, $line, $offset - $line ) ) ? $line : $offset;
	}

	/** A statement with its whole line where nothing else stands in it. */
	private function line_of( int $from, int $to ): array {
		$start = $this->line_start( $from );
		if ( ( 0 === $start || "\n" === $this->code[ $start - 1 ] ) && preg_match( '/\G[ \t]*(\r?\n)/', $this->code, $rest, 0, $to ) ) {
			return array( $start, $to + strlen( $rest[0] ) );
		}
		return array( $from, $to );
	}
}

/** Why this wp-config.php cannot be edited at all, in a word; null where it can. */
function wp_config_obstacle( string $path ): ?string {
	if ( ! function_exists( 'token_get_all' ) ) {
		return 'tokenizer';
	}
	if ( is_link( $path ) ) {
		return 'link';
	}
	if ( ! is_file( $path ) || ! is_readable( $path ) || filesize( $path ) > 1048576 ) {
		return 'unreadable';
	}
	if ( function_exists( 'posix_geteuid' ) && posix_geteuid() !== fileowner( $path ) ) {
		return 'owner';
	}
	return is_writable( dirname( $path ) ) ? null : 'folder';
}
