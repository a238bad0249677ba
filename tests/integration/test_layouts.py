"""Sites that are laid out in other ways are observed whole: Bedrock, releases, a network."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.builders import nothing_asked
from tests.integration import lab_accounts
from tests.integration.lab_site import borrowed
from tests.integration.observing import look, write
from wpstate.adapters.clock import SystemClock
from wpstate.adapters.observer import ProbeObserver
from wpstate.model.observed import ObservedState
from wpstate.model.site import Site
from wpstate.model.state import Address

_NETWORK = """define( 'WP_ALLOW_MULTISITE', true );
define( 'MULTISITE', true );
define( 'SUBDOMAIN_INSTALL', false );
define( 'DOMAIN_CURRENT_SITE', '127.0.0.1:18109' );
define( 'PATH_CURRENT_SITE', '/' );
define( 'SITE_ID_CURRENT_SITE', 1 );
define( 'BLOG_ID_CURRENT_SITE', 1 );
"""


def asked(site: Site, *kinds: str) -> ObservedState:
    desired = replace(nothing_asked(site), questions={kind: {} for kind in kinds})
    with lab_accounts.shells() as shells:
        return ProbeObserver(shells, SystemClock()).observe([desired])[site.id]


def test_composer_names_what_it_installs(site_copy: Path) -> None:
    """Bedrock's folders: composer.lock lies two above WordPress."""
    web = site_copy.parent / "web"
    web.mkdir()
    site_copy.rename(web / "wp")
    packages = [
        {"name": "roots/wordpress-no-content", "type": "wordpress-core"},
        {"name": "wpackagist-plugin/akismet", "type": "wordpress-plugin"},
        {"name": "agency/base", "type": "wordpress-muplugin"},
        {"name": "wpackagist-theme/plain", "type": "wordpress-theme"},
        {"name": "monolog/monolog", "type": "library"},
        {"name": ["x"], "type": {}},
    ]
    write(site_copy.parent / "composer.lock", json.dumps({"packages": packages}))
    seen = look(web / "wp")
    assert seen.state(Address("plugins.akismet")).present
    assert seen.host.composer == ("core", "plugins.akismet", "mu_plugins.base", "themes.plain")
    for text in ("[]", "{", '{"packages": {"a": 1}}'):
        write(site_copy.parent / "composer.lock", text)
        assert look(web / "wp").host.composer == ()


def test_a_release_is_seen_where_its_link_leads(site_copy: Path) -> None:
    release = site_copy.parent / "releases" / "7"
    release.parent.mkdir()
    site_copy.rename(release)
    (site_copy.parent / "current").symlink_to(release)
    lab_accounts.give_to("wpl-layout", site_copy.parent)
    seen = look(site_copy.parent / "current")
    assert seen.paths
    assert (seen.paths.wp, seen.faults) == (str(release), ())


def test_a_network_is_observed_whole() -> None:
    with borrowed("getenv", reset=True) as lab:
        site = lab_accounts.site("getenv")
        phar = lab_accounts.LAB / "cache" / "wp-cli.phar"

        def wp(*words: str) -> str:
            account = ("runuser", "-u", site.host.account.user, "--", "php", str(phar))
            command = (*account, f"--path={site.host.wp_path}", f"--url={site.url}", *words)
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout

        assert asked(site, "network").answer("network") == {"network": None}
        wp("core", "multisite-convert")
        config = lab.path / "wp-config.php"  # WP-CLI cannot write into the lab's
        config.write_text(config.read_text().replace("<?php", f"<?php\n{_NETWORK}", 1))
        wp("site", "create", "--slug=fr")
        wp("plugin", "activate", "akismet", "--network")
        seen = asked(site, "network", "themes")
        listed = json.loads(wp("site", "list", "--format=json", "--fields=domain,path"))

    assert seen.multisite
    assert seen.faults == ()
    assert seen.state(Address("network.plugins")).value == "akismet"
    told = sorted((s["domain"] + s["path"]).rstrip("/") for s in listed)
    assert seen.state(Address("network.sites")).value == ", ".join(told)
    assert seen.state(Address("plugins.akismet")).active
