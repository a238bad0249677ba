<?php
/* Plugin Name: Object cache */
