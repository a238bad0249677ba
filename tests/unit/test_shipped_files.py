"""Files beside those that were shipped: which are asked about, and what an answer comes to."""

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.builders import desired, observed, version
from tests.unit.desired.folders import REPOSITORY
from wpstate.model.desired import Artifact
from wpstate.model.node import Text
from wpstate.model.observed import Component
from wpstate.model.shipped import FileHashes, Shipped
from wpstate.model.source import SourceSpan
from wpstate.model.state import State
from wpstate.planning.audit import audit
from wpstate.planning.build import build_site
from wpstate.report.audit_text import audit_lines, audit_markdown
from wpstate.report.lines import plain
from wpstate.resources.catalog import Catalog, CatalogPlugin
from wpstate.resources.checksums import listed_hashes
from wpstate.resources.registry import KINDS
from wpstate.resources.shipped_files import answered, counts, folder_asked, unknown

HASH = "0" * 64
CATALOG = Catalog(
    plugins={
        "akismet": CatalogPlugin(Text("5.7", SourceSpan("catalog.yml", 2, 3))),
        "hello": CatalogPlugin(Text("1.7", SourceSpan("catalog.yml", 3, 3))),
        "host-cache": CatalogPlugin(None, source="host"),
    }
)


def shipped() -> dict[str, Shipped]:
    seen = observed(
        {
            "core.version": State(version="7.1.1"),
            "plugins.akismet": version("5.5"),
            "plugins.hello": version("1.7"),
            "plugins.host-cache": version("2.0"),
            "plugins.stranger": version("1.0"),
        }
    )
    single = Component("hello", "hello.php", "Hello", "1.7", True)
    plugins = tuple(single if each.slug == "hello" else each for each in seen.plugins)
    seen = replace(seen, plugins=plugins)
    return {each.address: each for kind in KINDS for each in kind.shipped(seen, CATALOG)}


def test_core_and_what_the_catalog_names_are_compared_at_the_version_that_is_there() -> None:
    found = shipped()
    assert sorted(found) == [
        "core.version",
        "plugins.akismet",
        "plugins.hello",
        "plugins.host-cache",
    ]
    akismet = found["plugins.akismet"]
    assert akismet.folder == "/home/client/www/wp-content/plugins/akismet"
    assert akismet.artifact == Artifact("plugins", "akismet", "5.5", "wordpress.org", None)
    # A single file has no folder of its own; the host's plugin no bytes of ours.
    assert found["plugins.hello"].artifact is None
    assert found["plugins.host-cache"].artifact is None


@pytest.mark.parametrize(
    ("path", "is_compared"),
    [
        ("wp-includes/version.php", True),
        ("wp-admin/css/a.css", True),
        ("index.php", True),
        ("readme.html", False),
        ("license.txt", False),
        ("wp-config-sample.php", False),
        ("wp-content/themes/x/style.css", False),
    ],
)
def test_of_core_what_a_host_may_take_away_is_not_compared(path: str, is_compared: bool) -> None:
    assert counts(shipped()["core.version"], path) == is_compared


def test_of_a_plugin_everything_is_but_its_readme() -> None:
    akismet = shipped()["plugins.akismet"]
    assert [p for p in ("a.php", "img/x.png", "README.txt") if counts(akismet, p)] == [
        "a.php",
        "img/x.png",
    ]
    asked = folder_asked(
        akismet, FileHashes("sha256", {"a.php": (HASH,), "readme.txt": (HASH,)}, "en_US")
    )
    assert asked["files"] == {"a.php": [HASH]}


def told(**said: Any) -> dict[str, Any]:
    one = {
        "name": "core.version",
        "changed": 0,
        "added": 0,
        "missing": 0,
        "named": [],
        "unknown": None,
    }
    answer = {"folders": [one | said]}
    schema = REPOSITORY / "schemas" / "kinds" / "core.observed.schema.json"
    Draft202012Validator(json.loads(schema.read_text("utf-8"))).validate(answer)
    return answer


def test_what_the_host_did_not_answer_or_read_is_unknown() -> None:
    core = shipped()["core.version"]
    for answer in (
        {},
        told(name="plugins.x"),
        told(unknown="unreadable"),
        told(unknown="too_large"),
    ):
        assert answered([core], answer)[core.address].unknown is not None
    assert answered([core], told())[core.address].unknown is None


def test_an_audit_tells_what_differs_what_is_unknown_and_what_was_compared() -> None:
    core, akismet = (shipped()[name] for name in ("core.version", "plugins.akismet"))
    named = [{"sort": "changed", "path": f"wp-admin/\x1b{n}.php"} for n in range(20)]
    (compared,) = answered([core], told(changed=40, added=1, named=named)).values()
    seen = observed({"core.version": State(version="7.1.1")})
    plan = build_site(desired(), seen)
    found = audit(plan, seen, [compared, unknown(akismet, "nobody has them")])
    (point,) = found.points
    assert (point.sort, point.about, point.found) == (
        "modified",
        "core.version",
        "40 changed, 1 added",
    )
    assert point.detail.startswith("wp-admin/\\x1b0.php changed, ")
    assert point.detail.endswith("and 29 more")
    assert found.compared == ("core.version 7.1.1",)
    page = audit_markdown(found)
    assert "## Not as it was shipped" in page
    assert "- Whether files of plugins.akismet were changed: nobody has them.\n" in page
    assert "- Files of plugins and themes that the catalog does not name.\n" in page
    assert "1  not as it was shipped" in plain(audit_lines(found))


def test_an_audit_that_compared_nothing_says_so() -> None:
    seen = observed({"core.version": State(version="7.1.1")})
    found = audit(build_site(desired(), seen), seen)
    assert found.compared == ()
    assert any("nothing was compared" in each for each in found.not_looked_at)


MD5, OTHER = "a" * 32, "b" * 32


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"checksums": {"index.php": MD5}}, ("md5", {"index.php": (MD5,)})),
        (
            {"files": {"a.php": {"md5": [MD5, OTHER], "sha256": [HASH, HASH]}}},
            ("sha256", {"a.php": (HASH, HASH)}),
        ),
        (
            {"files": {"a.php": {"md5": MD5, "sha256": HASH}, "b.php": {"md5": OTHER}}},
            ("md5", {"a.php": (MD5,), "b.php": (OTHER,)}),
        ),
        ({"checksums": False}, None),
        ({"checksums": {"index.php": "no hash"}}, None),
        ({"files": {"a.php": {}}}, None),
        ({"files": {"a.php": {"md5": []}}}, None),
        ({"files": []}, None),
        ([], None),
    ],
)
def test_hashes_in_an_answer_of_wordpress_org(answer: object, expected: object) -> None:
    assert listed_hashes(answer) == expected
