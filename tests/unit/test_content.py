"""Content invariants: what is declared, what became of pages, what the front page shows."""

import pytest

from tests.builders import NOW, replace
from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.look import LookSeen
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.site import SiteId
from wpstate.model.state import ABSENT, Address, Json, State
from wpstate.planning.compare import Comparison, compare
from wpstate.planning.simulate import simulate, undo
from wpstate.resources.content import ContentKind
from wpstate.resources.observation import unseen
from wpstate.resources.visits import page

_KIND = ContentKind()
_OWN = "https://b.example"


def _site(content: str) -> DesiredState:
    text = f"url: {_OWN}\ncontent: {content}\n"
    return compose(sound_fleet(sites__boutique=text)).sites[0]


def _there(slug: str, status: str = "publish", how: str = "there", **other: object) -> Json:
    at = {"id": 7, "title": "A page", "locked": False, "trashed_at": None}
    return {"how": how, "slug": slug, "status": status, **at, **other}


def _answer(
    home: str | None = None, front: Json | None = None, pages: Json | None = None, public: str = "1"
) -> Json:
    return {
        "home": home,
        "front": front,
        "front_is": "page" if front else "posts",
        "pages": pages or {},
        "public": public,
    }


def _states(answer: Json) -> dict[str, State]:
    return {str(a): s for a, s in _KIND.parse_observed({"kinds": {"content": answer}})}


def _observed(states: dict[str, State], applied: dict[str, State] | None = None) -> ObservedState:
    blank = unseen(SiteId("boutique"), Fault("timeout", ""), NOW)
    return replace(
        blank,
        faults=(),
        resources=tuple((Address(a), s) for a, s in sorted(states.items())),
        applied=replace(
            blank.applied, values=tuple((Address(a), s) for a, s in (applied or {}).items())
        ),
    )


def _compared(content: str, answer: Json, applied: dict[str, State] | None = None) -> Comparison:
    return compare(_site(content), _observed(_states(answer), applied))


_TRASHED = _there("accueil__trashed", how="trash", trashed_at=1_795_737_600)


@pytest.mark.parametrize(
    ("answer", "home"),
    [
        (_answer("accueil", _there("accueil")), "accueil"),
        (_answer("accueil", _there("accueil-2")), "accueil-2"),
        (_answer("accueil", _there("accueil", "draft")), "accueil is draft"),
        (_answer("private", _there("accueil", "private")), "accueil is private"),
        (_answer("accueil", _there("accueil", locked=True)), "accueil is behind a password"),
        (_answer("accueil", pages={"accueil": _TRASHED}), "in the trash since 2026-11-27"),
        (_answer("accueil", pages={"accueil": None}), "the latest posts; accueil is absent"),
        (_answer("accueil", pages={"accueil": _there("accueil")}), "the latest posts"),
        (
            _answer("accueil", pages={"accueil": _there("maison", how="moved")}),
            "the latest posts; accueil is now at maison",
        ),
    ],
)
def test_what_became_of_the_front_page(answer: Json, home: str) -> None:
    assert _states(answer)["content.home"] == State(value=home)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (_there("contact"), State(value="published")),
        (_there("contact", "private"), State(value="private")),
        (_there("contact", "published"), State(value="status published")),
        (_there("contact", how="moved"), State(value="now at contact")),
        (
            _there("x", "draft", how="trash", trashed_at=1),
            State(value="in the trash, was draft before"),
        ),
        (None, ABSENT),
    ],
)
def test_what_became_of_a_page(found: Json | None, state: State) -> None:
    states = _states(_answer(pages={"contact": found}))
    assert states.get("content.pages.contact", ABSENT) == state


def test_a_page_that_moved_is_told_and_never_changed() -> None:
    moved = _answer("accueil", _there("accueil-2"), {"contact": None})
    found = _compared("{home: accueil, pages: [contact], restore_from_trash: true}", moved)
    assert found.changes == ()
    assert [(n.address, n.asked, n.state) for n in found.noted] == [
        ("content.home", State(value="accueil"), State(value="accueil-2")),
        ("content.pages.contact", State(value="published"), ABSENT),
    ]


@pytest.mark.parametrize("applied", [None, {"content.home": State(value="accueil")}])
def test_a_page_in_the_trash_comes_back_where_that_is_declared(
    applied: dict[str, State] | None,
) -> None:
    trashed = _answer("accueil", pages={"accueil": _TRASHED})
    assert _compared("{home: accueil}", trashed, applied).changes == ()
    (change,) = _compared("{home: accueil, restore_from_trash: true}", trashed, applied).changes
    assert change.notes == ("taken out of the trash and made the front page again",)
    assert change.after == State(value="accueil")


def test_a_simulated_plan_leaves_nothing_to_do() -> None:
    desired = _site("{home: accueil, pages: [contact], restore_from_trash: true}")
    answer = _answer("accueil", pages={"accueil": _TRASHED, "contact": _TRASHED})
    seen = _observed(_states(answer))
    changes = compare(desired, seen).changes
    assert len(changes) == 2
    after = simulate(seen, changes)
    assert compare(desired, after).changes == ()
    assert undo(after, changes) == seen


def _front(body: str, status: int = 200, **headers: str) -> LookSeen:
    request = page(_site("{sitemap: true}"), "/")
    named = tuple((k.replace("_", "-"), v) for k, v in headers.items())
    return LookSeen(request, status, f"{_OWN}/", named, body, 0.1)


def _shown(
    content: str, front: LookSeen, setting: str = "indexable", robots: str | None = None
) -> dict[str, object]:
    seen = _observed({"content.indexable": State(value=setting)})
    request = page(_site(content), "/robots.txt")
    status = 404 if robots is None else 200
    other = LookSeen(request, status, request.url, (), robots or "", 0.1)
    answers = {"GET /": front, request.name: other}
    return {str(a): s.value for a, s in _KIND.parse_looks(_site(content), seen, answers)}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<script src=/own.js></script>", "www.tags.example"),
        ("<script src=https://b.example/own.js></script>", "www.tags.example"),
        ("<script src=//www.tags.example/t.js></script>", "www.tags.example"),
        ("<script src=//evil.example/></script>", "also evil.example"),
        ("</body><script src='https:\\\\evil.example/'></script>", "also evil.example"),
        ("<script src=data:text/javascript,1></script>", "also data:"),
        ("<script src=https://www.tags.example@evil.example/></script>", "also evil.example"),
        ("<script src=//EVIL.example:8080/></script>", "also evil.example:8080"),
        ("<script src='//a\u202eb/'></script>", "also a\\u202eb"),
    ],
)
def test_hosts_of_scripts(body: str, told: str) -> None:
    assert _shown("{scripts: [www.tags.example]}", _front(body)) == {"content.scripts": told}


def test_many_hosts_are_told_in_one_line() -> None:
    body = "".join(f"<script src=//e{n}.example/></script>" for n in range(100_000))
    told = _shown("{scripts: []}", _front(body))["content.scripts"]
    assert isinstance(told, str)
    assert told.endswith("more")
    assert len(told) < 1000


def test_inline_scripts_of_the_head_count_by_what_they_say() -> None:
    asked = "{scripts: {inline: 2}}"
    head = "<head><script>a</script><script>b</script><script>a</script>"
    data = "<script type='application/ld+json'>{}</script></head><body><script>c</script>"
    assert _shown(asked, _front(head + data)) == {"content.scripts.inline": 2}
    more = head + "<script>pasted</script>" + data
    assert _shown(asked, _front(more)) == {"content.scripts.inline": 3}
    assert _shown(asked, _front("<head>")) == {"content.scripts.inline": 2}


_NOINDEX = "<meta name='robots' content='noindex, nofollow'>"


@pytest.mark.parametrize(
    ("front", "setting", "told"),
    [
        (_front("<head>"), "indexable", "indexable"),
        (_front("<head>"), "not indexable", "not indexable: its setting"),
        (_front(_NOINDEX), "indexable", "not indexable: the front page"),
        (_front("<meta content=NONE name=Robots />"), "indexable", "not indexable: the front page"),
        (
            _front("<p>noindex", x_robots_tag="noindex"),
            "not indexable",
            "not indexable: its setting, the front page",
        ),
        (_front("<!-- <meta name=robots content=noindex> -->"), "indexable", "indexable"),
        (_front("", 503), "indexable", "not seen: the front page answers 503"),
    ],
)
def test_whether_search_engines_may_list_the_site(front: LookSeen, setting: str, told: str) -> None:
    assert _shown("{indexable: true}", front, setting) == {"content.indexable": told}


@pytest.mark.parametrize(
    ("robots", "shut"),
    [
        ("User-agent: *\nDisallow: /", True),
        ("user-agent: Bad\nUser-Agent: *\ndisallow:/ # all of it", True),
        ("User-agent: *\nDisallow: /wp-admin/\n", False),
        ("User-agent: *\nDisallow:\n", False),
        ("User-agent: Bad\nDisallow: /\n\nUser-agent: *\nDisallow: /cart\n", False),
        ("User-agent: *\nDisallow: /\nAllow: /\n", False),
        ("<html>Disallow: /", False),
    ],
)
def test_a_robots_txt_that_shuts_everybody_out(robots: str, shut: bool) -> None:
    told = _shown("{indexable: true}", _front("<head>"), robots=robots)
    assert told == {"content.indexable": "not indexable: robots.txt" if shut else "indexable"}


def test_a_site_that_is_to_be_hidden_must_say_so_on_its_page() -> None:
    for setting in ("indexable", "not indexable"):
        told = _shown("{indexable: false}", _front("<head>"), setting)
        assert told == {"content.indexable": "indexable: the front page says nothing else"}
        hidden = _shown("{indexable: false}", _front(_NOINDEX), setting)
        assert hidden == {"content.indexable": "not indexable"}


@pytest.mark.parametrize(
    ("word", "path", "status", "body", "told"),
    [
        ("true", "/wp-sitemap.xml", 200, "<?xml?><sitemapindex xmlns=''>", "/wp-sitemap.xml"),
        ("true", "/wp-sitemap.xml", 404, "", "status 404"),
        ("true", "/wp-sitemap.xml", 200, "<html>", "no sitemap there"),
        ("/map.xml", "/map.xml", 200, "<urlset>", "/map.xml"),
        ("false", "/wp-sitemap.xml", 404, "", "none"),
        ("false", "/wp-sitemap.xml", 200, "<urlset>", "/wp-sitemap.xml"),
    ],
)
def test_the_sitemap(word: str, path: str, status: int, body: str, told: str) -> None:
    desired = _site(f"{{sitemap: {word}}}")
    (request,) = _KIND.looks(desired, _observed({}))
    assert request.url == _OWN + path
    seen = LookSeen(request, status, request.url, (), body, 0.1)
    states = dict(_KIND.parse_looks(desired, _observed({}), {request.name: seen}))
    assert states == {"content.sitemap": State(value=told)}


def test_nothing_is_fetched_for_what_is_not_declared() -> None:
    assert tuple(_KIND.looks(_site("{home: accueil, pages: [contact]}"), _observed({}))) == ()


def test_pages_and_databases_that_did_not_come_are_not_absent() -> None:
    front = replace(_front(""), error="timeout", status=None)
    assert _shown("{scripts: []}", front) == {"content.scripts": "not seen: timeout"}


def test_a_page_that_is_the_clients_is_shown_and_held_to_nothing() -> None:
    desired = _site("{pages: [contact, news], client: [news]}")
    assert [str(m.address) for m in desired.managed] == ["content.pages.contact"]
    asked = desired.questions["content"]
    assert asked["pages"] == ["contact", "news"]
    states = dict(
        _KIND.parse_observed({"kinds": {"content": _answer(pages={"news": _there("news")})}})
    )
    seen = replace(
        unseen(desired.site.id, Fault("x", "x"), NOW), faults=(), resources=tuple(states.items())
    )
    noted = {str(n.address): n.sort for n in compare(desired, seen).noted}
    assert noted["content.pages.news"] == "client"
