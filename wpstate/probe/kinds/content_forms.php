<?php
/*
 * Where a site's forms deliver, read with SELECTs alone as adapters tell (wpstate.resources.content_forms,
 * which is left to say what it means). Comes after database.php.
 */

const WPSTATE_MOST_FORM_BYTES = 1048576;

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
