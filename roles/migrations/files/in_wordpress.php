<?php
/*
 * Runs inside WordPress, after a plugin's new code was loaded: has it migrate its data, and drives what it
 * puts off to its end. Comes after migrations.php. A migration that does not come to its end throws: the run
 * then puts the site back, database included.
 */

/** Returns the plugins whose data it migrated. */
function wpstate_in_wordpress_migrations( array $asked, Wpstate_Boot $boot ): array {
	$until   = microtime( true ) + $asked['budget_s'];
	$changed = array();
	foreach ( $asked['rows'] as $slug => $row ) {
		$boot->step( "migrate the data of $slug" );
		$migration = new Wpstate_Migration( (string) $slug, $row, $until );
		if ( $migration->drive() ) {
			$changed[] = (string) $slug;
		}
	}
	return $changed;
}

/** The migration of one plugin's data. */
final class Wpstate_Migration {
	private $slug;
	private $row;
	private $until;

	public function __construct( string $slug, array $row, float $until ) {
		$this->slug  = $slug;
		$this->row   = $row;
		$this->until = $row['background'] ? min( $until, microtime( true ) + $row['expected_s'] ) : $until;
	}

	/** Whether there was anything to do. */
	public function drive(): bool {
		$seen = $this->look();
		if ( ! $this->is_pending( $seen ) ) {
			return false;
		}
		if ( '' !== $this->row['call'] && ! $seen['left'] ) { // else it began by itself, and would put all off twice
			$this->call( $this->row['call'] );
		}
		if ( '' !== $this->row['queue'] ) {
			$this->work_queue( $this->row['queue'] );
		}
		if ( '' !== $this->row['hook'] ) {
			$this->work_hook( $this->row['hook'] );
		}
		$seen = $this->look();
		if ( $this->is_pending( $seen ) && ! ( $this->row['background'] && $seen['left'] ) ) {
			$left = $seen['left'] ? ", with {$seen['left']} pieces of work left" : '';
			throw new RuntimeException( "the data still has version {$seen['has']}, and its code asks for {$seen['asks']}$left" );
		}
		return true;
	}

	private function look(): array {
		global $wpdb;
		$folder = is_dir( WP_PLUGIN_DIR . "/$this->slug" ) ? WP_PLUGIN_DIR . "/$this->slug" : WP_PLUGIN_DIR;
		$query  = static function ( $sql ) use ( $wpdb ) {
			$quiet = $wpdb->suppress_errors();
			$rows  = $wpdb->get_results( $sql, ARRAY_N );
			$wpdb->suppress_errors( $quiet );
			return '' === $wpdb->last_error ? $rows : null;
		};
		return wpstate_migration( $this->row, $folder, $wpdb->prefix, $query );
	}

	private function is_pending( array $seen ): bool {
		if ( null === $seen['has'] || '' === $seen['has'] ) {
			return false;
		}
		if ( null === $seen['asks'] ) {
			throw new RuntimeException( 'its code no longer says which version of its data it asks for' );
		}
		return version_compare( $seen['has'], $seen['asks'], '<' );
	}

	private function call( string $name ): void {
		if ( ! is_callable( $name ) ) {
			throw new RuntimeException( "its code has no $name()" );
		}
		$told = call_user_func( $name );
		if ( is_wp_error( $told ) ) {
			throw new RuntimeException( wp_strip_all_tags( $told->get_error_message() ) );
		}
	}

	/** Works on one group of Action Scheduler and no other, whenever its actions are due. */
	private function work_queue( string $group ): void {
		if ( ! function_exists( 'as_get_scheduled_actions' ) || ! class_exists( 'ActionScheduler' ) ) {
			throw new RuntimeException( 'its code brings no Action Scheduler' );
		}
		$next = array( 'group' => $group, 'status' => 'pending', 'per_page' => 1, 'orderby' => 'date', 'order' => 'ASC' );
		while ( microtime( true ) < $this->until ) {
			$ids = as_get_scheduled_actions( $next, 'ids' );
			if ( ! $ids ) {
				return;
			}
			$id = reset( $ids );
			ActionScheduler::runner()->process_action( $id, 'wpstate' );
			$status = ActionScheduler::store()->get_status( $id );
			if ( 'complete' !== $status ) {
				throw new RuntimeException( "action $id of $group is $status" );
			}
		}
	}

	/** The plugin's own worker, as often as it comes further. */
	private function work_hook( string $hook ): void {
		do {
			$before = $this->look();
			do_action( $hook );
			$after = $this->look();
		} while ( $before !== $after && $this->is_pending( $after ) && microtime( true ) < $this->until );
	}
}
