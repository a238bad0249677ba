<?php
/**
 * 2.5: every web request hangs at load for ten minutes. The command line is well.
 *
 * @package lab-guestbook
 */

if ( PHP_SAPI !== 'cli' ) {
	sleep( 600 );
}
