<?php
/*
 * The constants that are asked for. What may be changed is left to wpstate.resources.constants.
 */

function wpstate_kind_constants( $ask, $place ) {
	return wpstate_config_constants( $ask['constants'], $place );
}
