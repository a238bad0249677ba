"""Options whose values are secrets: applied, in sync, drifted, changed, put back, never told."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, Ran
from tests.e2e.site import Site
from tests.faults.test_secrets_stay_secret import files_below, watched

pytestmark = pytest.mark.xdist_group("redis")

ASKED = (
    "options: {maps_api_key: {secret: {env: WPSTATE_SECRET_MAPS}},"
    " mailer.smtp.phrase: {secret: {file: clients/mailer}}}\n"
)
TALKATIVE = """<?php
add_action( 'update_option_maps_api_key', function ( $old, $new ) {
    echo "<b>$old, $new</b>";
    throw new RuntimeException( "cannot log in with $new" );
}, 10, 2 );
"""
MAPS, MAIL = "options.maps_api_key", "options.mailer.smtp.phrase"


class Story:
    """The command with its secrets, all that it ever said, and every secret there was."""

    def __init__(self, fleet: Fleet, site: Site) -> None:
        self.fleet, self.site = fleet, site
        self.words = {name: f"w0rd-{name}-{secrets.token_hex(12)}" for name in ("maps", "mail")}
        self.maps = self.words["maps"]
        self.told: list[Ran] = []
        self.processes: dict[str, str] = {}
        kept = fleet.home / "secrets" / "clients" / "mailer"
        kept.parent.mkdir(parents=True)
        kept.write_text(f"{self.words['mail']}\n")
        fleet.replace("redis", "profiles:", f"{ASKED}profiles:")

    def new_word(self, name: str) -> str:
        self.words[name] = f"w0rd-{name}-{secrets.token_hex(12)}"
        return self.words[name]

    def wpstate(self, *words: str, code: int = 0) -> Ran:
        running = self.fleet.start(*words, WPSTATE_SECRET_MAPS=self.maps)
        with watched(self.processes, running.pid):
            out, err = running.communicate(timeout=200)
        self.told.append(Ran(running.returncode, out, err))
        assert running.returncode == code, out + err
        return self.told[-1]

    def planned(self) -> list[tuple[str, str, str]]:
        """Address, cause, and what the site holds, of all that is to be changed or drifted."""
        (site,) = self.wpstate("plan", "redis", "--format", "json").json["sites"]
        changes = [(c["address"], c["cause"], _held(c["before"])) for c in site["changes"]]
        noted = [(n["address"], n["sort"], _held(n["state"])) for n in site["noted"]]
        return sorted([*changes, *(n for n in noted if n[0].startswith("options."))])

    def found(self) -> list[tuple[str, str]]:
        """Where a secret stands: what was said, every process, all that is left here and there. A
        snapshot holds the site's own tables, and the controller's keeper the secrets."""
        texts = [(f"said {at}", ran.out + ran.err) for at, ran in enumerate(self.told)]
        texts += [(f"process {pid}", text) for text, pid in self.processes.items()]
        kept = self.fleet.home / "secrets"
        files = [*files_below(self.fleet.folder), *files_below(self.fleet.home, (kept,))]
        snapshots = tuple(self.site.state.glob("runs/*/snapshot"))
        assert snapshots
        files += files_below(self.site.state, snapshots)
        for folder in (Path("/dev/shm"), Path("/tmp")):
            files += [path for left in folder.glob("wpstate-*") for path in files_below(left)]
        texts += [(str(path), path.read_bytes().decode("latin-1")) for path in files]
        return [
            (at, name) for at, text in texts for name, word in self.words.items() if word in text
        ]


def test_applied_drifted_healed_changed_and_found_nowhere(take: Take, fleet: Fleet) -> None:
    (site,) = take("redis")
    site.wp("option", "update", "mailer", '{"smtp": {"host": "h", "phrase": "x"}}', "--format=json")
    story = Story(fleet, site)
    assert story.planned() == [
        (MAIL, "pending", "another value"),
        (MAPS, "pending", "absent"),
    ]

    story.wpstate("apply", "redis", "--yes")

    assert site.wp("option", "get", "maps_api_key") == story.words["maps"]
    assert _mailer(site) == {"smtp": {"host": "h", "phrase": story.words["mail"]}}
    story.wpstate("plan", "redis", "--detailed-exitcode")
    assert story.planned() == []

    site.wp("option", "update", "maps_api_key", story.new_word("by hand"))
    assert story.planned() == [(MAPS, "drift", "another value")]
    text = story.wpstate("plan", "redis").out
    assert "secret env WPSTATE_SECRET_MAPS → another value" in text
    story.wpstate("apply", "redis", "--yes", "--heal", "--format", "json")
    assert site.wp("option", "get", "maps_api_key") == story.words["maps"]

    story.maps = story.new_word("changed")
    assert story.planned() == [(MAPS, "pending", "an earlier secret of ours")]
    site.write("wp-content/mu-plugins/talkative.php", TALKATIVE)
    before = site.whole()
    assert "cannot log in with ***" in story.wpstate("apply", "redis", "--yes", code=4).out
    site.assert_as(before)
    assert site.wp("option", "get", "maps_api_key") == story.words["maps"]
    for words in (("runs", "redis"), ("show", fleet.last_run("redis")["id"]), ("observe", "redis")):
        story.wpstate(*words)
        story.wpstate(*words, "--format", "json")
    assert story.found() == []
    planted = fleet.home / "planted"
    planted.write_text(f"x{story.words['changed']}")
    assert story.found() == [(str(planted), "changed")]


def test_without_the_secret_nothing_is_changed_and_a_rollback_goes_on(
    take: Take, fleet: Fleet
) -> None:
    (site,) = take("redis")
    site.wp("option", "update", "maps_api_key", "of long ago")
    story = Story(fleet, site)
    fleet.replace("redis", " mailer.smtp.phrase: {secret: {file: clients/mailer}}", "")
    story.wpstate("apply", "redis", "--yes")
    before = site.whole()

    refused = fleet.wpstate("apply", "redis", "--yes", code=3)

    assert refused.slugs() == {"secret.missing"}
    assert "not compared" in refused.out
    site.assert_as(before)
    fleet.wpstate("rollback", "redis", "--yes", "--accept-loss")
    assert site.wp("option", "get", "maps_api_key") == "of long ago"


def _held(state: dict[str, Any]) -> str:
    return str(state["value"]) if state["present"] else "absent"


def _mailer(site: Site) -> Any:
    return json.loads(site.wp("option", "get", "mailer", "--format=json"))
