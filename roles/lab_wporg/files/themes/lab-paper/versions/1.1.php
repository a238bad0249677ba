<?php
// As it should be.
define( 'LAB_PAPER', 'release 1.1' );
