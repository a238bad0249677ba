<?php
/*
 * Evaluates the wp-config.php of several sites, each in a forked process of its own: a PHP's start costs
 * more than all else that the probe does for a site. The probe puts $wpstate_wanted (base64 of JSON: for
 * each site its number and wp_config.php's arguments) before this and wp_config.php after it; who was
 * forked goes on there. Descriptor 3 gets each answer and then a line `wpstate-config NUMBER ended|again|late`.
 * Who is late is asked again at the end.
 * It is given nothing that one site may not know of another. PHP 7.4 to 8.4, command line, with pcntl.
 */
$wpstate_left = json_decode( base64_decode( $wpstate_wanted ), true );
foreach ( array( 1, 4, 10 ) as $wpstate_limit_s ) { // WPSTATE_PATIENCE_S of the probe.
	$wpstate_again = array();
	foreach ( $wpstate_left as $wpstate_number => $argv ) {
		$wpstate_forked = pcntl_fork();
		if ( 0 === $wpstate_forked ) {
			pcntl_alarm( $wpstate_limit_s ); // Its default is death, also of one that sleeps (alarm(2)).
			break 2;
		}
		pcntl_waitpid( $wpstate_forked, $wpstate_status );
		$wpstate_said = 'ended';
		if ( pcntl_wifsignaled( $wpstate_status ) && SIGALRM === pcntl_wtermsig( $wpstate_status ) ) {
			$wpstate_said = 10 === $wpstate_limit_s ? 'late' : 'again';
			$wpstate_again[ $wpstate_number ] = $argv;
		}
		file_put_contents( 'php://fd/3', "\nwpstate-config $wpstate_number $wpstate_said\n" );
	}
	$wpstate_left = $wpstate_again;
}
if ( ! isset( $wpstate_forked ) || 0 !== $wpstate_forked ) {
	exit( 0 );
}
