"""Kinds that are seen on pages that a visitor asks for: content, security points, caches.

What a visitor was told of each is a word here; what makes it so has tests of its own.
"""

from typing import Any

from hypothesis import strategies as st

from tests.unit.kinds.any.words import TEXTS, Json, Words, kind, lines, maybe, some
from tests.unit.test_observation import plugin
from wpstate.model.state import State
from wpstate.resources.cache_adapters import adapters
from wpstate.resources.security import POINTS
from wpstate.resources.security_files import CONSTANTS
from wpstate.resources.security_points import SWITCH

_SLUGS = ("accueil", "contact", "a-propos/equipe", "private", "published")
_FORMS = ("contact", "7")
_CACHES = tuple(name for name, row in adapters().items() if not row.requests)


def _seen(*words: str) -> st.SearchStrategy[State]:
    """What a visitor was told."""
    return st.sampled_from([State(value=word) for word in (*words, "not seen: timeout")])


_PAGE = st.fixed_dictionaries(
    {
        "how": st.sampled_from(("there", "trash", "moved")),
        "id": st.integers(0, 99),
        "slug": st.sampled_from((*_SLUGS, "in the trash since 2026-01-01")),
        "title": TEXTS.map(lambda text: text[:4096]),
        "status": st.sampled_from(("publish", "draft", "private", "published", "{{ 7*7 }}")),
        "locked": st.booleans(),
        "trashed_at": maybe(st.integers(0, 1_795_737_600)),
    }
)


@st.composite
def _content(draw: st.DrawFn) -> Words:
    slugs = st.lists(st.sampled_from(_SLUGS), unique=True, min_size=1)
    mail = st.sampled_from(("crm@x.example", "https://x.example/hook"))
    asked: Json = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "home": st.sampled_from(_SLUGS)
                | st.fixed_dictionaries({"slug": st.sampled_from(_SLUGS), "title": st.just("A")}),
                "client": slugs,
                "pages": slugs,
                "forms": some(_FORMS, mail),
                "scripts": st.just({"hosts": ["cdn.example"], "inline": "2"}),
                "indexable": st.sampled_from(("true", "false")),
                "sitemap": st.sampled_from(("true", "false", "/map.xml")),
                "theme_files": st.just("locked"),
                "restore_from_trash": st.sampled_from(("true", "true", "false")),
            },
        ).filter(lambda keys: keys.keys() - {"restore_from_trash"})
    )
    home = asked.get("home")
    slug = home["slug"] if isinstance(home, dict) else home
    form = st.fixed_dictionaries(
        {
            "plugin": st.sampled_from(("contact-form-7", "lab-contact")),
            "id": st.sampled_from(("7", "8")),
            "slug": st.sampled_from(("contact", "")),
            "title": TEXTS.map(lambda text: text[:4096]),
            "to": st.lists(TEXTS.map(lambda t: t[:99]) | st.just("crm@x.example"), max_size=2),
            "unread": st.booleans(),
        }
    )
    found = {"names": list(_FORMS), "found": draw(st.lists(form, max_size=3)), "admin_email": "a@x"}
    answer = {
        "front": draw(maybe(_PAGE)),
        "front_is": draw(st.sampled_from(("page", "posts"))),
        "home": slug,
        "pages": draw(st.dictionaries(st.sampled_from(_SLUGS), maybe(_PAGE))),
        "public": draw(st.sampled_from(("1", "0", ""))),
        "forms": found if "forms" in asked else None,
        "themes": None,
        "texts": None,
    }
    told = {
        "content.scripts": draw(_seen("cdn.example", "also evil.example")),
        "content.scripts.inline": draw(st.integers(2, 3).map(lambda many: State(value=many))),
        "content.indexable": draw(_seen("indexable", "not indexable", "not indexable: robots.txt")),
        "content.sitemap": draw(_seen("/wp-sitemap.xml", "/map.xml", "none", "status 404")),
        "content.theme_files": draw(_seen("as locked", "1 changed: style.css")),
    }
    there = [plugin("contact-form-7/wp-contact-form-7.php", active=draw(st.booleans()))]
    said = {"plugins": there, **kind("content", answer)}
    return Words(lines(content=asked), said, told)


_OTHER_WORDS = {"config_mode": ("0640", "400"), "default_role": ("subscriber", "editor"),
                "salts": ("365d", "30d")}  # fmt: skip


@st.composite
def _security(draw: st.DrawFn) -> Words:
    asked: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(sorted(POINTS)), min_size=1, unique=True)):
        words = ("on", "off") if POINTS[name].words == SWITCH else _OTHER_WORDS[name]
        word = draw(st.sampled_from((*words, "client", "unmanaged")))
        asked[name] = draw(st.sampled_from((word, {"state": word, "why": "asked"})))
    names = st.lists(st.sampled_from(sorted(POINTS)), unique=True)
    answer = {
        "constants": draw(st.dictionaries(st.sampled_from(CONSTANTS), st.booleans())),
        "editable": draw(st.lists(st.sampled_from(CONSTANTS), unique=True)),
        "https": draw(st.booleans()),
        "registration": draw(st.booleans()),
        "default_role": draw(st.sampled_from(("subscriber", "editor", "{{ 7*7 }}", ""))),
        "config_mode": draw(st.sampled_from(("640", "400", "777"))),
        "config_age_days": draw(st.integers(0, 400)),
        "salts_at_most_days": draw(st.sampled_from((0, 30, 365))),
        "salts_weak": draw(st.booleans()),
        "admins": draw(st.sampled_from(([], ["admin"], ["\x1b[2J"] * 9))),
        "backups": draw(st.sampled_from(([], ["backup.zip"]))),
        "author": draw(st.integers(0, 2)),
        "silent_php": draw(st.sampled_from((None, "index.php"))),
        "mu_folder": "/srv/shop/wp-content/mu-plugins",
        "mu_text": draw(st.sampled_from((None, "f" * 64))),
        "flags": draw(names),
        "htaccess": {"root": draw(names), "uploads": draw(names)},
    }
    told = {
        f"security.{point.name}": draw(_seen("on", "off"))
        for point in POINTS.values()
        if point.asks is not None
    }
    told["security.server"] = draw(_seen("nginx/1.22", "Apache/2.4", "LiteSpeed"))
    return Words(lines(security=asked), kind("security", answer), told)


@st.composite
def _caches(draw: st.DrawFn) -> Words:
    asked: Json = draw(some(_CACHES, st.sampled_from(("required", "off"))))
    names = st.sampled_from([*adapters(), "unknown"])
    constants = [constant for row in adapters().values() for constant in row.constants]
    answer = {
        "signs": draw(st.lists(names, unique=True)),
        "constants": draw(st.lists(st.sampled_from([*constants, "OTHER"]), unique=True)),
    }
    there = [plugin("wp-rocket/wp-rocket.php", active=draw(st.booleans()))]
    said = {"plugins": there, **kind("caches", answer)}
    return Words(lines(caches=asked), said, {"caches.varnish": State(value="proxy")})


STRATEGIES = {"content": _content(), "security": _security(), "caches": _caches()}
