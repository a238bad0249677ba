"""Security points: what each makes of what was seen, and what is done about it on which host."""

import hashlib
import re
import time
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import SPAN, desired, managed, observed
from wpstate.desired.schemas import schema
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.look import LookSeen
from wpstate.model.node import Text
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.state import Address, Json, State
from wpstate.planning.compare import compare
from wpstate.planning.estimate import estimate
from wpstate.planning.looks import asked_in_run
from wpstate.planning.simulate import simulate
from wpstate.resources import constant_names, option_names
from wpstate.resources.catalog import Catalog
from wpstate.resources.said import Said
from wpstate.resources.security import POINTS, SecurityKind
from wpstate.resources.security_files import CONSTANTS
from wpstate.resources.security_means import mu_plugin
from wpstate.resources.security_points import ByHand, Constant, Option

KIND = SecurityKind()
WP = "/home/client/www"
ANSWER: Json = {
    "constants": {},
    "editable": list(CONSTANTS),
    "https": False,
    "registration": False,
    "default_role": "subscriber",
    "config_mode": "640",
    "config_age_days": 3,
    "salts_at_most_days": 365,
    "salts_weak": False,
    "admins": [],
    "backups": [],
    "author": 2,
    "silent_php": None,
    "mu_folder": f"{WP}/wp-content/mu-plugins",
    "mu_text": None,
    "flags": [],
    "htaccess": {"root": [], "uploads": []},
}
PAGE = "<html><body>La Boutique</body></html>"
Reply = tuple[int | None, str] | tuple[int | None, str, dict[str, str]]


def site(**words: str) -> DesiredState:
    return desired(*(managed(f"security.{n}", State(value=w)) for n, w in words.items()))


def probed(states: dict[str, State] | None = None, **facts: Any) -> ObservedState:
    states = {"core.version": State(version="7.1.1"), **(states or {})}
    answer: Json = {**ANSWER, **facts}
    told = dict(KIND.parse_observed({"kinds": {"security": answer}}))
    seen = observed(states | {str(address): state for address, state in told.items()})
    return replace(seen, answers=(("security", answer),))


def visited(asked: DesiredState, seen: ObservedState, **replies: Reply) -> ObservedState:
    """The observation with these answers by a part of the request's path, `front` the front page;
    else a page or a 404."""
    answers = {}
    for request in KIND.looks(asked, seen):
        name = "front" if request.name == "GET /" else request.name
        status, body, *rest = next(
            (reply for part, reply in replies.items() if part in name),
            (200, PAGE) if name == "front" else (404, PAGE),
        )
        headers = tuple(dict(rest[0] if rest else {}).items())
        error = None if status else body
        answers[request.name] = LookSeen(
            request, status, request.url, headers, body if status else "", 0.1, error=error
        )
    found = tuple(KIND.parse_looks(asked, seen, answers)) if answers else ()
    faults = tuple(each for each in found if isinstance(each, Fault))
    states = [each for each in found if not isinstance(each, Fault)]
    resources = tuple(sorted({**dict(seen.resources), **dict(states)}.items()))
    return replace(seen, resources=resources, faults=faults)


def seen_word(name: str, facts: dict[str, Any] | None = None, **replies: Reply) -> object:
    asked = site(**{name: POINTS[name].good})
    after = visited(asked, probed(**(facts or {})), **replies)
    return after.state(Address(f"security.{name}")).value


METHODS = "<methodResponse><params>…<string>wp.getUsersBlogs</string></params></methodResponse>"
USERS = '[{"id":2,"name":"Agency","slug":"agency"}]'
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@pytest.mark.parametrize(
    ("name", "word", "replies"),
    [
        ("xmlrpc", "on", {"xmlrpc": (200, METHODS)}),
        ("xmlrpc", "off", {"xmlrpc": (403, "XML-RPC is closed on this site.")}),
        ("xmlrpc", "off", {"xmlrpc": (None, "protocol")}),
        ("xmlrpc", "off", {"xmlrpc": (200, "<methodResponse><fault/></methodResponse>")}),
        ("user_enumeration", "on", {"rest_route": (200, USERS)}),
        ("user_enumeration", "on", {"wp-json": (200, USERS)}),
        ("user_enumeration", "on", {"sitemap": (200, "<urlset><loc>/author/agency/</loc>")}),
        ("user_enumeration", "on", {"author": (200, '<body class="author author-agency">')}),
        ("user_enumeration", "off", {"author": (200, '<body class="author author-2">')}),
        ("user_enumeration", "off", {"rest_route": (401, '{"code":"rest_forbidden","slug":1}')}),
        ("login_errors", "on", {"invalidkey": (200, '<div id="login_error">invalid</div>')}),
        ("login_errors", "off", {"wp-login": (200, '<div id="login_error">wrong</div>')}),
        ("login_errors", "off", {}),
        ("application_passwords", "off", {"_fields": (200, '{"authentication":[]}')}),
        (
            "application_passwords",
            "on",
            {"_fields": (200, '{"authentication":{"application-passwords":{"endpoints":{}}}}')},
        ),
        ("application_passwords", "on", {"_fields": (401, '{"code":"rest_forbidden"}')}),
        ("security_headers", "on", {"front": (200, PAGE, HEADERS)}),
        ("security_headers", "off", {"front": (200, PAGE, {**HEADERS, "referrer-policy": ""})}),
        ("security_headers", "off", {}),
        ("version", "off", {"front": (200, "<script src='a.js?ver=7.1.1.2'>")}),
        ("version", "on", {"front": (200, "<script src='a.js?x=1&amp;ver=7.1.1'>")}),
        ("version", "on", {"front": (200, '<meta name="generator" content="WordPress 7.1.1" />')}),
        ("version", "on", {"feed": (200, "<generator>https://wordpress.org/?v=7.1.1</generator>")}),
        ("readme", "on", {"readme": (200, "<h1>WordPress</h1>")}),
        ("readme", "off", {"readme": (403, "WordPress")}),
        ("debug_log_public", "on", {"debug.log": (200, "[27-Nov-2026] PHP Warning")}),
        ("debug_log_public", "off", {"debug.log": (200, "<!doctype html>\n<HTML>")}),
        (
            "directory_listing",
            "on",
            {"wp-includes": (200, "<title>Index of /wp-includes/</title>")},
        ),
        ("directory_listing", "on", {"uploads": (200, "<TITLE>Index of /</TITLE>")}),
        ("directory_listing", "off", {"uploads": (403, "<title>Index of /</title>")}),
        ("php_in_uploads", "off", {"uploads": (403, "")}),
        ("php_in_uploads", "on", {"uploads": (404, "File not found.")}),
        (
            "static_headers",
            "on",
            {"blank.gif": (200, "GIF", {"x-content-type-options": "nosniff"})},
        ),
        ("static_headers", "off", {"blank.gif": (200, "GIF")}),
    ],
)
def test_what_a_visitor_was_told(name: str, word: str, replies: dict[str, Reply]) -> None:
    assert seen_word(name, **replies) == word


@pytest.mark.parametrize(
    ("reply", "word"),
    [((200, ""), "on"), ((200, "<?php // silence"), "off"), ((403, ""), "off"), ((404, ""), "off")],
)
def test_a_silent_file_of_uploads_tells_whether_php_runs(reply: Reply, word: str) -> None:
    facts = {"silent_php": "forms/index.php"}
    assert seen_word("php_in_uploads", facts, **{"uploads/forms/index.php": reply}) == word


@pytest.mark.parametrize(
    ("name", "word", "facts"),
    [
        ("file_editor", "on", {"constants": {"DISALLOW_FILE_EDIT": False}}),
        ("file_editor", "off", {"constants": {"DISALLOW_FILE_MODS": True}}),
        ("debug_display", "on", {"constants": {"WP_DEBUG": True}}),
        ("debug_display", "off", {"constants": {"WP_DEBUG": True, "WP_DEBUG_DISPLAY": False}}),
        ("debug_log", "off", {"constants": {"WP_DEBUG": True}}),
        ("ssl_admin", "on", {"https": True}),
        ("ssl_admin", "off", {"https": True, "constants": {"FORCE_SSL_ADMIN": False}}),
        ("salts", "over 365d", {"config_age_days": 366}),
        ("salts", "weak", {"salts_weak": True}),
        ("salts", "365d", {"config_age_days": 365}),
        ("admin_names", "on", {"admins": ["admin"]}),
        ("backup_files", "on", {"backups": ["site.sql"]}),
    ],
)
def test_what_the_probe_found(name: str, word: str, facts: dict[str, Any]) -> None:
    assert probed(**facts).state(Address(f"security.{name}")).value == word


@pytest.mark.parametrize("error", ["timeout", "not_sent", "no_secret"])
def test_what_never_came_is_a_fault_and_no_state(error: str) -> None:
    after = visited(site(xmlrpc="off"), probed(), xmlrpc=(None, error))
    assert [fault.code for fault in after.faults] == ["web_unseen"]
    assert error in after.faults[0].detail
    assert not after.state(Address("security.xmlrpc")).present


def test_a_site_that_fails_or_holds_visitors_back_proves_nothing() -> None:
    after = visited(site(xmlrpc="off"), probed(), front=(503, "Briefly unavailable"))
    assert [fault.code for fault in after.faults] == ["web_unseen"]


def test_a_hostile_page_is_judged_at_once() -> None:
    for part in ('id="login_error">', "author-2 ", "<title> ", "[", '{"a":', "?ver=7.1.1."):
        page: Reply = (200, part * ((2 << 20) // len(part)))
        asked = site(**{point.name: point.good for point in POINTS.values()})
        began_s = time.process_time()
        visited(asked, probed(), **dict.fromkeys(("GET", "POST", "front"), page))
        assert time.process_time() - began_s < 5


def test_nothing_is_asked_of_a_site_that_declares_nothing_of_it() -> None:
    assert tuple(KIND.looks(site(file_editor="off", salts="90d"), probed())) == ()
    assert KIND.question((), ()) is None


def test_no_request_writes_and_they_are_few() -> None:
    asked = site(**{point.name: point.good for point in POINTS.values()})
    requests = tuple(KIND.looks(asked, probed()))
    assert len(requests) <= 20
    assert [r.name for r in requests if r.method != "GET"] == ["POST /xmlrpc.php"]
    assert all(request.url.startswith(asked.site.url) for request in requests)


def test_what_only_the_host_can_change_is_told_and_never_planned() -> None:
    asked = site(php_in_uploads="off", xmlrpc="off")
    nginx = {"front": (200, PAGE, {"server": "nginx/1.28"}), "xmlrpc": (200, METHODS)}
    plan = compare(asked, visited(asked, probed(), **nginx), heal_all=True)
    assert [change.address for change in plan.changes] == ["security.xmlrpc"]
    (noted,) = plan.noted
    assert (noted.address, noted.sort) == ("security.php_in_uploads", "out_of_reach")
    assert "location ~* ^/wp-content/uploads/.*" in noted.text
    assert "return 403;" in noted.text

    apache = {**nginx, "front": (200, PAGE, {"server": "Apache"})}
    plan = compare(asked, visited(asked, probed(), **apache))
    assert [c.address for c in plan.changes] == ["security.php_in_uploads", "security.xmlrpc"]


@pytest.mark.parametrize(
    ("name", "word", "facts", "told"),
    [
        ("ssl_admin", "on", {}, "certificate"),
        ("salts", "30d", {"config_age_days": 31}, "shuffle-salts"),
        ("admin_names", "off", {"admins": ["admin"]}, "admin; make another administrator"),
        ("backup_files", "off", {"backups": ["a.sql"]}, "a.sql; somebody may need them"),
        ("debug_display", "on", {}, "other constants"),
        ("file_editor", "off", {"editable": []}, "define( 'DISALLOW_FILE_EDIT', true )"),
        ("file_editor", "on", {"constants": {"DISALLOW_FILE_MODS": True}}, "other constants"),
    ],
)
def test_what_no_change_of_ours_would_bring_about(
    name: str, word: str, facts: dict[str, Any], told: str
) -> None:
    asked = site(**{name: word})
    plan = compare(asked, visited(asked, probed(**facts)))
    assert plan.changes == ()
    (noted,) = plan.noted
    assert told in noted.text


def test_what_somebody_else_closed_is_not_ours_to_open() -> None:
    asked = site(xmlrpc="on")
    assert compare(asked, visited(asked, probed())).noted[0].sort == "out_of_reach"
    ours = visited(asked, probed(flags=["xmlrpc"]))
    (change,) = compare(asked, ours).changes
    assert _told((change,), ours)["files"] == [
        {"path": f"{WP}/wp-content/mu-plugins/wpstate-security.php", "text": None}
    ]


def test_a_plan_is_whole_and_named_by_its_paths() -> None:
    """Simulated, every point that can be changed is as asked; each file is one that was planned."""
    facts: dict[str, Any] = {"registration": True, "config_mode": "644", "flags": ["version"]}
    facts |= {"default_role": "editor", "constants": {"WP_DEBUG": True, "WP_DEBUG_LOG": True}}
    asked = site(**{p.name: p.good for p in POINTS.values() if not isinstance(p.means, ByHand)})
    open_site: dict[str, Reply] = {
        "xmlrpc": (200, METHODS), "users": (200, USERS), "_fields": (200, ""),
        "invalidkey": (200, '<div id="login_error">a</div>'), "readme": (200, "WordPress"),
        "debug.log": (200, "x"),
        "front": (200, PAGE, {"server": "Apache"}),
    }  # fmt: skip
    before = visited(asked, probed(**facts), **open_site)
    plan = compare(asked, before)
    assert len(plan.changes) >= 14
    assert compare(asked, simulate(before, plan.changes)).changes == ()

    told = _told(plan.changes, before)
    (file,) = _entries(told, "files")
    last = str(file["text"]).splitlines()[-1]
    assert "'version'" in last  # what stood there stays
    assert "'xmlrpc'" in last
    named = [e["path"] for part in ("files", "modes", "blocks") for e in _entries(told, part)]
    paths = KIND.planned_paths(plan.changes, before)
    planned = {path if path[0] == "/" else f"{WP}/{path}" for path in paths}
    assert {*named, told["config"]} <= planned
    assert planned - {*named, told["config"]} == {f"{WP}/wp-content/mu-plugins"}


def _told(changes: tuple[Change, ...], seen: ObservedState) -> Json:
    return KIND.role_vars(changes, seen)


def _entries(told: Json, name: str) -> tuple[Json, ...]:
    part = told[name]
    assert isinstance(part, list)
    return tuple(part)


def test_what_somebody_put_into_our_mu_plugin_is_drift_and_written_over() -> None:
    said = {"xmlrpc": Said(Text("off", SPAN)), "version": Said(Text("unmanaged", SPAN))}
    parsed = KIND.parse_desired(said, Catalog(), None)
    assert [m.address for m in parsed.managed] == ["security.xmlrpc", "security.mu_plugin"]
    assert KIND.parse_desired({"salts": Said(Text("30d", SPAN))}, Catalog(), None).managed[1:] == ()
    asked = desired(*parsed.managed)

    ours = mu_plugin(["xmlrpc"])
    assert ours is not None
    for text, changes in ((None, ()), (_hash(""), ("security.mu_plugin",))):
        seen = visited(asked, probed(mu_text=text, flags=["xmlrpc"]))
        plan = compare(asked, seen)
        assert tuple(change.address for change in plan.changes) == changes
    (file,) = _entries(_told(plan.changes, seen), "files")
    assert file["text"] == ours
    assert f"{WP}/wp-content/mu-plugins/wpstate-security.php".endswith(
        KIND.planned_paths(plan.changes, seen)[-1]
    )


def test_what_a_block_holds_that_nobody_of_us_wrote_is_left_out_of_it() -> None:
    asked = site(php_in_uploads="off")
    blocks = {"root": [], "uploads": ["admin_names", "directory_listing", "nobody_knows"]}
    apache = (200, PAGE, {"server": "Apache"})
    seen = visited(asked, probed(htaccess=blocks), front=apache, uploads=(404, "File not found."))
    (block,) = _entries(_told(compare(asked, seen).changes, seen), "blocks")
    lines: Any = block["lines"]
    assert lines[0] == "# wpstate security: php_in_uploads"


def test_what_a_point_sets_is_no_other_kinds_to_set() -> None:
    for point in POINTS.values():
        if isinstance(point.means, Constant):
            assert f"security: {{{point.name}:" in str(constant_names.owner(point.means.name))
        elif isinstance(point.means, Option):
            owner = option_names.owner(option_names.option_name(point.means.name))
            assert f"{point.name}:" in str(owner)
            traces = KIND.traces(Address(f"security.{point.name}"), probed())
            assert traces == (f"security.{point.name}", f"options.{point.means.name}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_schema_offers_exactly_the_points() -> None:
    points = schema("kinds/security")["properties"]
    assert list(points) == list(POINTS)
    for name, point in POINTS.items():
        assert points[name]["description"] == f"{point.good}: {point.promises}."
        words = re.compile(points[name]["pattern"])
        assert re.fullmatch(point.words, point.good)
        for word in ("on", "off", "640", "subscriber", "30d", "666", "0d", ""):
            assert bool(words.fullmatch(word)) == bool(re.fullmatch(point.words, word)), word
        assert words.fullmatch("unmanaged")
        assert words.fullmatch("client")


def test_what_a_run_asks_of_pages_is_part_of_the_time_that_visitors_wait() -> None:
    seen = visited(
        asked := site(xmlrpc="off", user_enumeration="off", login_errors="off"),
        probed(),
        xmlrpc=(200, METHODS),
        rest_route=(200, USERS),
    )
    changes = compare(asked, seen).changes
    assert {str(c.address) for c in changes} == {"security.xmlrpc", "security.user_enumeration"}
    one = tuple(c for c in changes if c.address == "security.xmlrpc")
    both_s, one_s = (estimate(asked, seen, each).frozen_s for each in (changes, one))
    plain = replace(asked, managed=(managed("plugins.x", State(version="2.0")),))
    none_s = estimate(plain, seen, compare(plain, seen).changes).frozen_s
    # The front page and xmlrpc.php; then the four ways to names, too. Each costs 0.06 s, and each
    # estimate is told to a tenth of a second.
    assert one_s - none_s == pytest.approx(2 * 0.06, abs=0.1)
    assert both_s - none_s == pytest.approx(6 * 0.06, abs=0.1)
    by_hand = asked_in_run(asked, seen, ())
    assert len(by_hand) == len(KIND.looks(asked, seen)) == 8
