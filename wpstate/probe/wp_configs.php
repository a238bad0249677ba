<?php
/*
 * Evaluates the wp-config.php of several sites, each in a forked process of its own: a PHP's start costs
 * more than all else that the probe does for a site. The probe puts $wpstate_wanted (base64 of JSON: for
 * each site its number and wp_config.php's arguments) before this and wp_config.php after it; who was
 * forked goes on there. Descriptor 3 gets each answer and then a line `wpstate-config NUMBER ended|late`.
 * It is given nothing that one site may not know of another. PHP 7.4 to 8.4, command line, with pcntl.
 */
foreach ( json_decode( base64_decode( $wpstate_wanted ), true ) as $wpstate_number => $argv ) {
	$wpstate_forked = pcntl_fork();
	if ( 0 === $wpstate_forked ) {
		pcntl_alarm( 10 ); // Its default is death, also of one that sleeps (alarm(2)).
		break;
	}
	pcntl_waitpid( $wpstate_forked, $wpstate_status );
	$wpstate_late = pcntl_wifsignaled( $wpstate_status ) && SIGALRM === pcntl_wtermsig( $wpstate_status );
	file_put_contents( 'php://fd/3', "\nwpstate-config $wpstate_number " . ( $wpstate_late ? 'late' : 'ended' ) . "\n" );
}
if ( ! isset( $wpstate_forked ) || 0 !== $wpstate_forked ) {
	exit( 0 );
}
