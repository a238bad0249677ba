<?php
/**
 * 2.1: a fatal error at load, everywhere.
 *
 * @package lab-guestbook
 */

lab_guestbook_function_that_was_never_written();
