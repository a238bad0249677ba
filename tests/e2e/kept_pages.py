"""A page cache on a lab site, of the shape of WP Super Cache: a drop-in that answers from files
before WordPress starts, and a plugin with the function that empties them."""

import time

from tests.e2e.site import Site

FOLDER = "cache/supercache"
_DROPIN = """<?php
/* WP SUPER CACHE, the shape of it */
$lab_kept = WP_CONTENT_DIR . '/cache/supercache/' . md5( $_SERVER['REQUEST_URI'] ) . '.html';
if ( 'GET' === $_SERVER['REQUEST_METHOD'] && ! defined( 'DONOTCACHEPAGE' ) ) {
    if ( is_file( $lab_kept ) ) {
        readfile( $lab_kept );
        exit;
    }
    ob_start(
        function ( $page ) use ( $lab_kept ) {
            if ( 200 === http_response_code() && ! defined( 'DONOTCACHEPAGE' ) ) {
                is_dir( dirname( $lab_kept ) ) || mkdir( dirname( $lab_kept ), 0755, true );
                file_put_contents( $lab_kept, $page . '<!-- kept -->' );
            }
            return $page;
        }
    );
}
"""
_PLUGIN = """<?php
/* Plugin Name: WP Super Cache, the shape of it */
function wp_cache_clear_cache() {
    update_option( 'lab_cleared', 1 + (int) get_option( 'lab_cleared' ) );
    array_map( 'unlink', glob( WP_CONTENT_DIR . '/cache/supercache/*.html' ) );
}
"""
_KEPT = "<!-- kept -->"
# The lab's nginx keeps pages too, for a minute, but none for who left a comment.
_PAST_NGINX = ("-b", "comment_author_lab=1")


def keep_pages(site: Site) -> None:
    site.write("wp-content/advanced-cache.php", _DROPIN)
    site.write("wp-content/plugins/wp-super-cache/wp-cache.php", _PLUGIN)
    site.wp("plugin", "activate", "wp-super-cache")
    config = site.wp_path / "wp-config.php"
    text = config.read_text("utf-8").replace("<?php\n", "<?php\ndefine( 'WP_CACHE', true );\n", 1)
    config.write_text(text, "utf-8")
    for _ in range(60):  # OPcache looks at wp-config.php again only after its revalidate_freq.
        if _KEPT in page(site):
            break
        time.sleep(0.25)


def page(site: Site) -> str:
    """The front page as a visitor gets it."""
    status, body = site.curl("/", *_PAST_NGINX)
    assert status == 200
    return body


def kept_page(site: Site) -> str:
    """The front page, which is then kept."""
    page(site)
    body = page(site)
    assert _KEPT in body
    return body
