<?php
/* What each release brings stands in release.php. */
require get_template_directory() . '/release.php';
