<?php
/**
 * 1.1: good. Entries have a website; lab_guestbook_migrate() adds the column.
 *
 * @package lab-guestbook
 */
