<?php
add_action( 'wp_footer', static function () { echo '<p>Child release 1.2</p>'; } );
