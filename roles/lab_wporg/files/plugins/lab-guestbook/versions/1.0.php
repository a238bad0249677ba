<?php
/**
 * 1.0: good.
 *
 * @package lab-guestbook
 */
