<?php
/*
 * Runs inside WordPress: takes events out, sets whether requests start events, and this site's line in the
 * account's crontab. Comes after wp_config_text.php and wp_config.php.
 */

/** Returns what it changed. */
function wpstate_in_wordpress_cron( array $asked, Wpstate_Boot $boot ): array {
	$changed = array();
	foreach ( $asked['unschedule'] as $hook ) {
		$boot->step( "take the events of $hook out" );
		if ( wp_unschedule_hook( $hook ) ) {
			$changed[] = $hook;
		}
	}
	if ( $asked['sets_schedule'] ) {
		$boot->step( "edit the account's crontab" );
		$crontab = new Wpstate_Crontab( dirname( $asked['state'] ) . '/crontab.turn', '# wpstate cron ' . basename( $asked['state'] ) );
		$command = escapeshellarg( PHP_BINARY ) . ' ' . escapeshellarg( $asked['wp'] . '/wp-cron.php' ) . ' >/dev/null 2>&1';
		if ( $crontab->set( null === $asked['schedule'] ? null : $asked['schedule'] . " $command" ) ) {
			$changed[] = 'crontab';
		}
	}
	if ( null !== $asked['constant'] ) {
		$boot->step( 'set DISABLE_WP_CRON in wp-config.php' );
		$changed = array_merge( $changed, wp_config_set( $asked['config'], array( 'DISABLE_WP_CRON' => $asked['constant'] ) ) );
	}
	return $changed;
}

/**
 * The account's crontab. Its other lines are other people's: nothing is written unless all could be read,
 * and the new ones differ by ours alone. Sites of one account take turns, with the safety net too.
 */
final class Wpstate_Crontab {
	private $turn;
	private $mark;

	public function __construct( string $turn, string $mark ) {
		$this->turn = $turn;
		$this->mark = $mark;
	}

	/** Sets our line (its mark comes last), or takes it out; whether that changed anything. */
	public function set( ?string $line ): bool {
		for ( $tries = 50; ! @mkdir( $this->turn ); --$tries ) {
			clearstatcache();
			if ( 0 === $tries || time() - (int) @filemtime( $this->turn ) > 60 ) {
				@rmdir( $this->turn ); // left behind by a process that was ended meanwhile
			}
			if ( $tries < 0 ) {
				throw new RuntimeException( 'somebody else is at the crontab' );
			}
			usleep( 100000 );
		}
		try {
			return $this->change( $line );
		} finally {
			rmdir( $this->turn );
		}
	}

	private function change( ?string $line ): bool {
		$before = $this->read();
		$others = array_values( array_filter( $before, fn( $one ) => ! $this->is_ours( $one ) ) );
		$after  = null === $line ? $others : array_merge( $others, array( "$line $this->mark" ) );
		if ( $after === $before ) {
			return false;
		}
		list( $exit, , $said ) = $this->run( array( 'crontab', '-' ), $after ? implode( "\n", $after ) . "\n" : '' );
		if ( 0 !== $exit || $this->read() !== $after ) {
			throw new RuntimeException( 'crontab does not take it: ' . substr( $said, 0, 200 ) );
		}
		return true;
	}

	private function is_ours( string $line ): bool {
		return substr( $line, -strlen( $this->mark ) ) === $this->mark;
	}

	private function read(): array {
		list( $exit, $text, $said ) = $this->run( array( 'crontab', '-l' ), '' );
		if ( 0 !== $exit && false === stripos( $said, 'no crontab for' ) ) {
			throw new RuntimeException( 'the crontab cannot be read: ' . substr( $said, 0, 200 ) );
		}
		$text = 0 === $exit ? $text : '';
		return '' === $text ? array() : explode( "\n", "\n" === substr( $text, -1 ) ? substr( $text, 0, -1 ) : $text );
	}

	private function run( array $command, string $input ): array {
		$pipes = array();
		$child = proc_open( $command, array( array( 'pipe', 'r' ), array( 'pipe', 'w' ), array( 'pipe', 'w' ) ), $pipes );
		if ( ! is_resource( $child ) ) {
			throw new RuntimeException( 'crontab cannot be started' );
		}
		fwrite( $pipes[0], $input );
		fclose( $pipes[0] );
		$text = stream_get_contents( $pipes[1] );
		$said = stream_get_contents( $pipes[2] );
		return array( proc_close( $child ), $text, $said );
	}
}
