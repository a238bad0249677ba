<?php
/* Answers, so that the connection is open and PHP known to run before anybody is kept waiting. */
answer( array( 'php' => PHP_VERSION ) );
