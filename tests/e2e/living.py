"""A site as agencies find it, and feeds that know something of it."""

import json

from tests.e2e.fleet import Fleet
from tests.e2e.site import Site
from tests.e2e.test_nothing_known_to_be_vulnerable_is_installed import vulnerability

PLUGINS = 40
UNLISTED = ("stranger", "wp-super-cache", "w3-total-cache")
THEMES = ("atelier-theme", "older-theme", "spare-theme")
STYLE = "/*\nTheme Name: {0}\nVersion: 2.1\n*/\n"
INDEX = (
    "<html><head><?php wp_head(); ?></head><body><?php bloginfo(); wp_footer(); ?></body></html>\n"
)
HARDENING = """<?php
add_action( 'send_headers', static function () {
	header( 'X-Content-Type-Options: nosniff' );
	header( 'Referrer-Policy: same-origin' );
	header( 'X-Frame-Options: SAMEORIGIN' );
} );
add_filter( 'login_errors', static function () {
	return 'No.';
} );
add_filter( 'rest_endpoints', static function ( $all ) {
	unset( $all['/wp/v2/users'] );
	return $all;
} );
add_filter( 'wp_sitemaps_add_provider', static function ( $provider, $name ) {
	return 'users' === $name ? false : $provider;
}, 10, 2 );
add_action( 'template_redirect', static function () {
	if ( is_author() ) {
		status_header( 404 );
		exit( 'No.' );
	}
}, 1 );
"""
_AS_TIME_WENT_BY = """
update_option( 'auto_update_plugins', array( 'many-07/many-07.php' ) );
// Nobody started the lab's own events since it was built.
$events = array( 'version' => 2 );
foreach ( _get_cron_array() as $several ) {
	$events[ time() + 7200 + count( $events ) ] = $several;
}
update_option( 'cron', $events );
"""
HEADER = "<?php\n/*\n * Plugin Name: {0}\n * Version: 1.{1}\n */\n"


def living(site: Site) -> None:
    """As such sites are: many plugins, one that nobody approved, two page caches, points that the
    last agency closed in its own way and two that it left open."""
    for number in range(PLUGINS - 1):
        slug = f"many-{number:02}"
        site.write(f"wp-content/plugins/{slug}/{slug}.php", HEADER.format(slug, number))
    for slug in UNLISTED:
        site.write(f"wp-content/plugins/{slug}/{slug}.php", HEADER.format(slug, 0))
        site.wp("plugin", "activate", slug)
    for theme in THEMES:
        site.write(f"wp-content/themes/{theme}/style.css", STYLE.format(theme))
        site.write(f"wp-content/themes/{theme}/index.php", INDEX)
    site.wp("theme", "activate", THEMES[0])
    for theme in site.wp("theme", "list", "--field=name", "--status=inactive").split():
        if theme not in THEMES:
            site.wp("theme", "delete", theme)
    site.write("wp-content/mu-plugins/hardening.php", HARDENING)
    (site.wp_path / "wp-config.php").chmod(0o640)
    (site.wp_path / "readme.html").unlink()
    site.wp("eval", _AS_TIME_WENT_BY)
    site.warm()


def feeds(fleet: Fleet) -> None:
    """Two feeds of facts, as they are fetched."""
    (fleet.folder / "feeds").mkdir()
    holes = {"a": vulnerability("plugin", "many-03"), "b": vulnerability("core", "wordpress")}
    (fleet.folder / "feeds" / "wordfence.json").write_text(json.dumps(holes), "utf-8")
    old = {
        "name": "Old",
        "slug": "many-04",
        "version": "1.4",
        "last_updated": "2019-03-01 3:14pm GMT",
    }
    closed = {"error": "closed", "slug": "stranger", "closed": True, "closed_date": "2018-10-02"}
    listed = {"plugins": {"many-04": old, "stranger": closed}, "themes": {}}
    (fleet.folder / "feeds" / "wordpress_org.json").write_text(json.dumps(listed), "utf-8")
    with (fleet.folder / "fleet.yml").open("a", encoding="utf-8") as file:
        names = (f"{feed}: {{file: feeds/{feed}.json}}" for feed in ("wordfence", "wordpress_org"))
        file.write(f"facts: {{{', '.join(names)}}}\n")
    fleet.wpstate("facts", "update")
