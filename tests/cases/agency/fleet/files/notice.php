<?php
/* Plugin Name: Care notice */
