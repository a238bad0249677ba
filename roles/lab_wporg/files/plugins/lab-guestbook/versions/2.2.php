<?php
/**
 * 2.2: ends the process at load with exit code 255. On the web: 200 and an empty page.
 *
 * @package lab-guestbook
 */

exit( 255 );
