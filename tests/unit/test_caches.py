"""Caches: what is asked and found, what the host is told, and when one counts as empty."""

import json
import re
from pathlib import Path

import pytest

from tests.builders import NOW, SPAN, desired, managed, observed, replace, version
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.desired.schemas import schema
from wpstate.model.cache import CacheLayer, CachePolicy, FarCache, Purge
from wpstate.model.change import Action, Cause, Change
from wpstate.model.desired import DesiredState, Policy
from wpstate.model.look import LookSeen
from wpstate.model.state import ABSENT, Address, Json, State
from wpstate.planning import caches
from wpstate.planning.build import build, build_site
from wpstate.report.lines import plain
from wpstate.report.plan_text import site_lines
from wpstate.resources.cache_adapters import adapters
from wpstate.resources.caches import CachesKind

KIND = CachesKind()
PAGE = State(value="page")
SUPER = Purge("wp-super-cache", "WP Super Cache", CacheLayer.PAGE)
CLEARED = ("function:wp_cache_clear_cache",)
UPDATE = Change(
    Address("plugins.x"), Action.UPDATE, version("1"), version("2"), Cause.PENDING, SPAN, "pinned"
)


def asked(line: str) -> DesiredState:
    text = f"url: https://b.example/shop\ncaches: {line}\nchecks: {{/a/: Hello}}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def seen(plugin: str = "", *, active: bool = True, signs: tuple[str, ...] = ()) -> Json:
    plugins = [{"file": plugin, "active": active}] if plugin else []
    return {"plugins": plugins, "kinds": {"caches": {"signs": list(signs), "constants": []}}}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (seen("wp-super-cache/wp-cache.php"), {"caches.wp-super-cache": PAGE}),
        (seen("wp-super-cache/wp-cache.php", active=False), {}),
        (seen(signs=("wp-rocket",)), {"caches.wp-rocket": PAGE}),
        (
            seen("hello.php", signs=("object-cache",)),
            {"caches.object-cache": State(value="object")},
        ),
        ({"plugins": None, "kinds": {}}, {}),
    ],
)
def test_what_is_found(answer: Json, found: dict[str, State]) -> None:
    assert dict(KIND.parse_observed(answer)) == found


def test_every_row_may_be_written_and_no_other() -> None:
    written = set(schema("kinds/caches")["properties"]) - {"found", "folders"}
    assert written == set(adapters())


def test_the_rows_say_only_what_their_users_understand() -> None:
    for row in adapters().values():
        words = caches.host_words(desired(), (Purge(row.name, row.label, row.layer),))
        assert words, row.name
        assert all(re.fullmatch(r"(folder|function|action|far):[A-Za-z0-9_./-]+", w) for w in words)
        assert all(hit.word == hit.word.lower() for hit in row.hits)
        assert row.requests or row.plugins or row.signs or row.constants
    raw = json.loads((Path(KIND.__module__.replace(".", "/")).with_suffix(".json")).read_text())
    assert list(raw) == list(adapters())


def test_what_is_required_and_not_there_is_told_and_never_made() -> None:
    (required,) = asked("{wp-rocket: required}").managed
    assert (required.address, required.applies, required.want) == ("caches.wp-rocket", False, PAGE)
    plan = build_site(asked("{wp-rocket: required}"), observed({}))
    assert [(n.address, n.sort) for n in plan.noted] == [("caches.wp-rocket", "drift")]
    assert plan.changes == ()


def test_what_is_found_beside_the_required_is_told() -> None:
    site = observed({"caches.wp-rocket": PAGE, "caches.w3-total-cache": PAGE})
    (noted,) = KIND.noted(asked("{wp-rocket: required}"), site)
    assert (noted.address, noted.text) == (
        "caches.w3-total-cache",
        "W3 Total Cache is here too, not in `caches`",
    )
    assert list(KIND.noted(asked("auto"), site)) == []


@pytest.mark.parametrize(
    ("line", "headers", "told"),
    [
        ("auto", {"cf-ray": "1"}, ["Cloudflare answers in front of the site"]),
        ("auto", {"x-page-cache": "MISS"}, ["nginx answers in front of the site"]),
        ("{varnish: on}", {"x-varnish": "1 2"}, []),
        ("{varnish: off}", {"x-varnish": "1 2"}, []),
        ("auto", {"server": "nginx"}, []),
    ],
)
def test_who_stands_in_front_and_is_not_declared_is_told(
    line: str, headers: dict[str, str], told: list[str]
) -> None:
    site = asked(line)
    (request,) = KIND.looks(site, observed({}))
    answer = LookSeen(request, 200, request.url, tuple(headers.items()), "", 0.1)
    found = dict(KIND.parse_looks(site, observed({}), {request.name: answer}))
    seen_there = observed({str(address): state for address, state in found.items()})
    noted = list(KIND.noted(site, seen_there))
    assert [n.text.partition(":")[0] for n in noted] == told
    assert all(p.name in ("varnish",) for p in caches.purges(site, seen_there, ()))


def test_nobody_looks_where_nothing_is_written() -> None:
    assert list(KIND.looks(desired(), observed({}))) == []


def _named(several: tuple[Purge, ...]) -> dict[str, bool]:
    return {purge.name: purge.left for purge in several}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("auto", {"wp-super-cache": False}),
        ("off", {"wp-super-cache": True}),
        ("{wp-super-cache: off}", {"wp-super-cache": True}),
        ("{folders: [cache/ours]}", {"wp-super-cache": False, "folders": False}),
        ("{found: off, varnish: on}", {"wp-super-cache": True, "varnish": False}),
        ("{varnish: off}", {"wp-super-cache": False}),
    ],
)
def test_what_a_run_empties(line: str, expected: dict[str, bool]) -> None:
    site = observed({"caches.wp-super-cache": PAGE})
    assert _named(caches.purges(asked(line), site, ())) == expected


def test_a_cache_that_the_run_brings_is_emptied_too() -> None:
    brought = replace(UPDATE, address=Address("plugins.cache-enabler"), before=ABSENT)
    assert _named(caches.purges(desired(), observed({}), (brought,))) == {"cache-enabler": False}
    gone = replace(brought, before=version("1"), after=ABSENT)
    assert caches.purges(desired(), observed({}), (gone,)) == ()


def test_what_the_host_is_told() -> None:
    site = asked("{folders: [cache/ours], varnish: on}")
    several = caches.purges(site, observed({"caches.wp-super-cache": PAGE}), ())
    assert caches.host_words(site, several) == (
        "folder:cache/supercache",
        "folder:cache/meta",
        "function:wp_cache_clear_cache",
        "folder:cache/ours",
        "far:varnish",
    )
    left = (replace(SUPER, left=True),)
    assert caches.host_words(site, left) == ()


def test_what_a_plan_says() -> None:
    site = observed({"plugins.x": version("1"), "caches.wp-super-cache": PAGE})
    wanted = desired(managed("plugins.x", version("2")))
    plan = build("p", "f", [(wanted, site)], revision=None, dirty=False, now=NOW)
    text = plain(site_lines(plan, plan.sites[0]))
    assert "  caches    page (WP Super Cache) will be purged\n" in text
    off = replace(wanted, policy=Policy(caches=CachePolicy(off=True)))
    plan = build("p", "f", [(off, site)], revision=None, dirty=False, now=NOW)
    assert "caches    page (WP Super Cache) left alone" in plain(site_lines(plan, plan.sites[0]))


def test_a_proxy_is_asked_for_every_page_that_is_declared() -> None:
    site = asked("{varnish: {address: http://10.0.0.5:6081}}")
    (far,) = site.policy.caches.far
    sent = caches.requests(site, far)
    assert [(url, request.method) for url, request in sent] == [
        ("http://10.0.0.5:6081/shop/.*", "PURGE"),
        ("http://10.0.0.5:6081/shop/", "PURGE"),
        ("http://10.0.0.5:6081/shop/a/", "PURGE"),
    ]
    assert all(("Host", "b.example") in request.headers for _, request in sent)
    own = asked("{nginx: on}")
    assert [url for url, _ in caches.requests(own, own.policy.caches.far[0])] == [
        "https://b.example/shop/",
        "https://b.example/shop/a/",
    ]


def test_a_cdn_is_asked_for_this_host_alone() -> None:
    zone = "0123456789abcdef0123456789abcdef"
    secret = "{bearer: {secret: {env: WPSTATE_SECRET_CDN}}}"
    site = asked(f"{{cloudflare: {{zone: {zone}, auth: {secret}}}}}")
    (far,) = site.policy.caches.far
    ((url, request),) = caches.requests(site, far)
    assert url == f"https://api.cloudflare.com/client/v4/zones/{zone}/purge_cache"
    assert (request.method, json.loads(request.body)) == ("POST", {"hosts": ["b.example"]})
    assert "Host" not in dict(request.headers)
    assert far.auth is not None
    assert str(far.auth.secret) == "env WPSTATE_SECRET_CDN"


def _answer(status: int | None = 200, error: str | None = None, **headers: str) -> LookSeen:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = caches.as_anybody(desired())
    return LookSeen(request, status, "http://s/", named, "", 0.1, error=error)


@pytest.mark.parametrize(
    ("answer", "frozen", "why"),
    [
        (_answer(503), True, None),
        (_answer(200), True, "status 200 while visitors are held back"),
        (_answer(503, x_page_cache="HIT"), True, "x-page-cache: HIT"),
        (_answer(200), False, None),
        (_answer(200, cf_cache_status="MISS"), False, None),
        (_answer(200, cf_cache_status="HIT", age="30"), False, "cf-cache-status: HIT"),
        (_answer(200, cf_cache_status="HIT", age="3"), False, None),
        (_answer(200, x_litespeed_cache="hit,private"), False, "x-litespeed-cache: hit,private"),
        (_answer(200, age="900"), False, "age: 900"),
        (_answer(None, "timeout"), True, "the page could not be asked for: timeout"),
    ],
)
def test_a_kept_page_is_told_from_a_new_one(
    answer: LookSeen, frozen: bool, why: str | None
) -> None:
    assert caches.kept_page(answer, frozen=frozen, since_s=2.5) == why


def test_a_young_page_has_its_hit_forgiven_only_by_its_age() -> None:
    young = _answer(200, x_cache="HIT", age="1")
    assert caches.kept_page(young, frozen=False, since_s=2.0) is None


@pytest.mark.parametrize(
    ("purge", "left_in", "called", "kept", "proven", "detail"),
    [
        (SUPER, (), CLEARED, None, True, "nothing left in cache/supercache, cache/meta"),
        (SUPER, (), None, None, True, "nothing left in cache/supercache, cache/meta"),
        (SUPER, ("cache/meta",), (), None, False, "cache/meta still holds files"),
        (
            Purge("litespeed-cache", "LiteSpeed Cache", CacheLayer.PAGE),
            (), ("action:litespeed_purge_all",), None, True, "visitors get no kept page",
        ),
        (
            Purge("litespeed-cache", "LiteSpeed Cache", CacheLayer.PAGE),
            (), ("action:litespeed_purge_all",), "x-litespeed-cache: hit", False,
            "x-litespeed-cache: hit",
        ),
        (
            Purge("litespeed-cache", "LiteSpeed Cache", CacheLayer.PAGE),
            (), None, None, False, "the site's own PHP did not say that it was emptied",
        ),
        (
            Purge("litespeed-cache", "LiteSpeed Cache", CacheLayer.PAGE),
            (), ("function:other",), None, False,
            "the site's own PHP knows no action litespeed_purge_all",
        ),
        (
            Purge("object-cache", "drop-in", CacheLayer.OBJECT),
            (), ("function:wp_cache_flush",), None, True, "the site's own PHP emptied it",
        ),
    ],
)  # fmt: skip
def test_what_counts_as_empty(
    purge: Purge, left_in: tuple[str, ...], called: tuple[str, ...] | None, kept: str | None,
    proven: bool, detail: str,
) -> None:  # fmt: skip
    (told,) = caches.judged(desired(), (purge,), left_in, called=called, kept=kept)
    assert (told.cache, told.proven, told.detail) == (purge, proven, detail)


def test_a_cache_that_nobody_declared_is_told_by_what_it_gives_visitors() -> None:
    told = caches.judged(desired(), (SUPER,), (), called=CLEARED, kept="x-page-cache: HIT")
    assert [(p.cache.label, p.proven) for p in told] == [
        ("WP Super Cache", True),
        ("a cache in front", False),
    ]


def test_a_far_cache_is_not_believed_without_a_header() -> None:
    purge = caches.far_purge(FarCache("nginx"))
    blind = caches.judged_far(purge, _answer(200), since_s=1.0)
    assert (blind.proven, blind.detail) == (
        False,
        "no header of the page tells whether it was kept",
    )
    missed = caches.judged_far(purge, _answer(200, x_cache="MISS"), since_s=1.0)
    assert (missed.proven, missed.detail) == (True, "x-cache: MISS")
