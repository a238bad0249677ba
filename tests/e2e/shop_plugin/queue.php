<?php
/**
 * As much of a queue of actions as a run speaks to: the tables, the states and the calls of Action Scheduler.
 *
 * @package shop-of-the-tests
 */

class ActionScheduler {
	public static function make_tables() {
		global $wpdb;
		$p = $wpdb->prefix . 'actionscheduler';
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$p}_groups (group_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, slug varchar(255) NOT NULL)" );
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$p}_actions (action_id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, hook varchar(191) NOT NULL, status varchar(20) NOT NULL, scheduled_date_gmt datetime, args varchar(191), group_id bigint unsigned NOT NULL)" );
		if ( ! $wpdb->get_var( "SELECT COUNT(*) FROM {$p}_groups" ) ) {
			$wpdb->query( "INSERT INTO {$p}_groups (slug) VALUES ('woocommerce-db-updates'), ('somebody-elses')" );
			$wpdb->query( "INSERT INTO {$p}_actions (hook, status, scheduled_date_gmt, args, group_id) VALUES ('others_work', 'pending', '2020-01-01 00:00:00', '[]', 2)" );
		}
	}

	public static function add( $hook, array $args, $at ) {
		global $wpdb;
		$row = array( 'hook' => $hook, 'status' => 'pending', 'scheduled_date_gmt' => gmdate( 'Y-m-d H:i:s', $at ), 'args' => wp_json_encode( $args ), 'group_id' => 1 );
		$wpdb->insert( $wpdb->prefix . 'actionscheduler_actions', $row );
	}

	public static function runner() {
		return new self();
	}

	public static function store() {
		return new self();
	}

	/** Exceptions do not leave it: they are a state of the action. */
	public function process_action( $id, $context = '' ) {
		global $wpdb;
		$table  = $wpdb->prefix . 'actionscheduler_actions';
		$action = $wpdb->get_row( $wpdb->prepare( "SELECT * FROM $table WHERE action_id = %d", $id ) );
		try {
			do_action_ref_array( $action->hook, json_decode( $action->args, true ) );
			$wpdb->update( $table, array( 'status' => 'complete' ), array( 'action_id' => $id ) );
		} catch ( Exception $error ) {
			$wpdb->update( $table, array( 'status' => 'failed' ), array( 'action_id' => $id ) );
		}
	}

	public function get_status( $id ) {
		global $wpdb;
		return $wpdb->get_var( $wpdb->prepare( "SELECT status FROM {$wpdb->prefix}actionscheduler_actions WHERE action_id = %d", $id ) );
	}
}

function as_get_scheduled_actions( $args, $form ) {
	global $wpdb;
	$p = $wpdb->prefix . 'actionscheduler';
	return $wpdb->get_col( $wpdb->prepare( "SELECT a.action_id FROM {$p}_actions a JOIN {$p}_groups g USING (group_id) WHERE g.slug = %s AND a.status = %s ORDER BY a.scheduled_date_gmt, a.action_id LIMIT %d", $args['group'], $args['status'], $args['per_page'] ) );
}

function shop_others_work() {
	update_option( 'shop_others_were_worked_on', 1 );
}
add_action( 'others_work', 'shop_others_work' );
