<?php
/*
 * Start WordPress once, in a child process, for what only WordPress can do, and judge what came
 * of it. Comes after tree.php and supervise.php; the child's code is attached.
 */

/** What the child is asked. */
function asked( array $request ): array {
	$plugins = $request['plugins'];
	$ours    = array_column( $plugins, null, 'slug' );
	$inert   = static fn( $p ) => 'delete' === $p['action'] || false === $p['active'];
	return array(
		'token'            => $request['token'],
		'url'              => $request['url'],
		'wp_path'          => $request['wp_path'],
		'state_dir'        => $request['state_dir'],
		'upgrade_database' => $request['upgrade_database'],
		'core_swapped'     => $request['core_swapped'],
		'locale'           => $request['locale'],
		'languages'        => $request['languages'],
		'kinds'            => $request['kinds'] ?? array(),
		'swapped'          => array_map( static fn( $s ) => 'plugins' === $s['kind'] ? $s + $ours[ $s['slug'] ] : $s, $request['swapped'] ),
		'deactivate'       => array_values( array_filter( $plugins, $inert ) ),
		'activate'         => array_values( array_filter( $plugins, static fn( $p ) => ! $inert( $p ) && true === $p['active'] ) ),
	);
}

/** A sentence on why the boot is no success, or null. */
function complaint( array $ran, float $limit_s ): ?string {
	$answer = $ran['answer'];
	$step   = $ran['step'];
	if ( $ran['overdue'] ) {
		return "could not $step: it hung for $limit_s s and was ended";
	}
	if ( null === $answer ) {
		$how = null === $ran['signal'] ? "exit {$ran['exit']}" : "signal {$ran['signal']}";
		return "could not $step: PHP ended without a word ($how)";
	}
	if ( null !== $answer['error'] ) {
		return "could not $step: {$answer['error']}" . ( $ran['exit'] ? " (exit {$ran['exit']})" : '' );
	}
	return active_complaint( $answer );
}

/** The active plugins must be those of before, plus and minus what was asked, and no other. */
function active_complaint( array $answer ): ?string {
	$due     = array_diff( array_merge( $answer['before'], $answer['activated'] ), $answer['deactivated'] );
	$missing = array_diff( $due, $answer['after'] );
	$extra   = array_diff( $answer['after'], $due );
	if ( ! $missing && ! $extra ) {
		return null;
	}
	$parts = array_filter(
		array(
			$missing ? 'no longer active: ' . implode( ', ', $missing ) : '',
			$extra ? 'active without being asked: ' . implode( ', ', $extra ) : '',
		)
	);
	return 'the list of active plugins is not what was asked; ' . implode( '; ', $parts );
}

/** One end of what these kinds change, for the diff; of all kinds without them. */
function told( array $differences, string $end, ?array $kinds = null ): string {
	$own = array_filter( $differences, static fn( $d ) => null === $kinds || ! empty( $kinds[ $d['kind'] ] ) );
	return implode( '', array_map( static fn( $d ) => "{$d['name']}: {$d[ $end ]}\n", $own ) );
}

/** Without secrets, as they are or as JSON writes them. Shorter texts are parts of other words. */
function blotted( $value, array $secrets ) {
	if ( is_array( $value ) ) {
		return array_map( static fn( $each ) => blotted( $each, $secrets ), $value );
	}
	foreach ( is_string( $value ) ? $secrets : array() as $secret ) {
		if ( strlen( $secret ) >= 6 ) {
			$forms = array( $secret, substr( (string) json_encode( $secret ), 1, -1 ), substr( (string) json_encode( $secret, JSON_UNESCAPED_SLASHES ), 1, -1 ) );
			$value = str_replace( array_filter( $forms ), '***', $value );
		}
	}
	return $value;
}

$request = request();
$todo    = asked( $request );
$differ  = $request['differences'] ?? array();
if ( $request['check'] ) {
	// Starting WordPress may write; the plan's own view of before must do.
	$switched = array_filter( $request['plugins'], static fn( $p ) => null !== $p['active'] && $p['active'] !== $p['was_active'] );
	answer(
		array(
			'changed' => $switched || $todo['swapped'] || $todo['core_swapped'] || $todo['upgrade_database'] || null !== $todo['locale'] || $todo['kinds'],
			'diff'    => array( 'before' => told( $differ, 'before' ), 'after' => told( $differ, 'after' ) ),
		)
	);
}
$set  = '<?php $wpstate_asked = json_decode( base64_decode( "' . base64_encode( json_encode( $todo ) ) . '" ), true );';
$code = str_replace( "<?php\n", "\n", implode( '', $request['attached'] ) );
$ran  = run_child( $set . $code, (float) $request['timeout_s'] );
// Before anything is cut: of half a secret nobody would know what it is.
$ran = blotted( $ran, $ran['hide'] );
$why = complaint( $ran, (float) $request['timeout_s'] );
$got = (array) $ran['answer'];
if ( null !== $why ) {
	$tail = $ran['tail'];
	fail( $why . ( $tail ? "\n" . substr( $tail, -1000 ) : '' ), array( 'boot' => $got ) );
}
$upgraded = isset( $got['database'] ) && $got['database'][0] !== $got['database'][1];
answer(
	array(
		'changed' => $upgraded || isset( $got['locale'] ) || array_filter( $got['kinds'] ) || $got['activated'] || $got['deactivated'] || $got['uninstalled'] || $todo['swapped'] || $todo['core_swapped'],
		'boot'    => $got,
		'diff'    => array(
			'before' => implode( "\n", $got['before'] ) . "\n" . told( $differ, 'before', $got['kinds'] ),
			'after'  => implode( "\n", $got['after'] ) . "\n" . told( $differ, 'after', $got['kinds'] ),
		),
	)
);
