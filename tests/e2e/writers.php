<?php
// What writers.py meets on the site: orders by HTTP, a request that lasts, a job of cron. No mail.
add_filter( 'comment_flood_filter', '__return_false', 99 );
add_filter( 'pre_wp_mail', '__return_true', 99 );
add_filter( 'cron_schedules', function ( $all ) {
    return $all + array( 'each_second' => array( 'interval' => 1, 'display' => 'Each second' ) );
} );
function writers_write( $row ) {
    global $wpdb;
    return wp_insert_comment( array( 'comment_post_ID' => 1, 'comment_content' => $row ) )
        && $wpdb->insert( $wpdb->prefix . 'lab_guestbook_said', array( 'said' => $row ) );
}
add_action( 'writers_job', function () {
    echo writers_write( getenv( 'WRITERS_ROW' ) ) ? 'written ' . getenv( 'WRITERS_ROW' ) : 'failed';
} );
add_action( 'wp_loaded', function () {
    if ( isset( $_POST['order'] ) ) {
        $row = $_POST['order'];
        $id = wp_insert_post( array(
            'post_type' => 'shop_order', 'post_status' => 'private', 'post_title' => $row,
        ) );
        for ( $n = 1; $n <= (int) $_POST['lines']; $n++ ) {
            $id && add_post_meta( $id, "_line_$n", "$row.$n" ) || exit( 'failed' );
        }
        exit( "written $row" );
    }
    if ( isset( $_GET['long'] ) ) {
        $frozen = ABSPATH . '.maintenance';
        file_exists( $frozen ) && exit( 'late' );
        for ( $n = 0; $n < 900 && ! file_exists( $frozen ); $n++ ) {
            usleep( 50000 );
            clearstatcache();
        }
        file_exists( $frozen ) || exit( 'no freeze came' );
        sleep( (int) $_GET['seconds'] );
        exit( writers_write( $_GET['long'] ) ? "written {$_GET['long']}" : 'failed' );
    }
}, 99 );
