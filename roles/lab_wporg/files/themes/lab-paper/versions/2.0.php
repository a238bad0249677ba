<?php
// Fatal on every page: a function that nobody has.
define( 'LAB_PAPER', 'release 2.0' );
add_action( 'wp', 'lab_paper_has_no_such_function' );
