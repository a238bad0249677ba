<?php
require get_stylesheet_directory() . '/release.php';
