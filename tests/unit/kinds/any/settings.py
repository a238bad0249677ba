"""Kinds that are set inside WordPress, in wp-config.php or in a crontab."""

import json
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st

from tests.unit.kinds.any.words import TEXTS, Json, Words, kind, lines, maybe, some
from tests.unit.test_observation import plugin
from wpstate.resources.mail import CODE

_LEFT = ("absent", "client", "unmanaged")
_HASHED = {"size": 9, "sha256": "a" * 64}
_LOGINS = ("agency", "anna", "evil", "client")
_ROLES = ("administrator", "editor", "subscriber", "shop_boss")
_FORMS = ("missing", "plain", "computed", "conditional", "late", "twice", "elsewhere", "overridden")
_OBSTACLES = (None, "tokenizer", "link", "unreadable", "owner", "folder")
_SCALARS = st.one_of(
    TEXTS.map(lambda text: {"type": "text", "json": json.dumps(text)}),
    st.just({"type": "text", **_HASHED}),
    st.sampled_from(("0", "10", "-3")).map(lambda n: {"type": "integer", "json": n}),
    st.just({"type": "number", "json": "1.5"}),
    st.sampled_from(("true", "false")).map(lambda b: {"type": "boolean", "json": b}),
)
_SHORT = TEXTS.filter(lambda text: text.isprintable() and 0 < len(text) < 100)


@st.composite
def _users(draw: st.DrawFn) -> Words:
    leaving = st.fixed_dictionaries(
        {"state": st.just("absent"), "reassign_to": st.sampled_from(("agency", "heir"))}
    )
    joining = st.fixed_dictionaries(
        {"role": st.sampled_from(_ROLES)}, optional={"email": st.just("new@x.example")}
    )
    words = st.one_of(st.sampled_from((*_ROLES, "client", "unmanaged")), leaving, joining)
    listed = st.lists(st.sampled_from(_LOGINS), unique=True, min_size=1)
    admins = st.fixed_dictionaries(
        {},
        optional={
            "only": listed,
            "at_most": st.integers(1, 4),
            "application_passwords": st.just("off"),
        },
    )
    text = lines(users=draw(some(_LOGINS, words) | st.just({})), admins=draw(admins))
    if not text:
        text = lines(admins=["agency"])
    account = st.fixed_dictionaries(
        {
            "login": st.sampled_from((*_LOGINS, "\x1b[2J")),
            "asked": maybe(st.sampled_from(_LOGINS)),
            "roles": st.lists(st.sampled_from(_ROLES), max_size=2, unique=True),
            "powerful": st.booleans(),
            "application_passwords": st.integers(0, 2),
        }
    )
    counts = [{"what": "page", "number": 3}]
    accounts = draw(st.lists(account, max_size=5, unique_by=lambda each: str(each["login"])))
    answer = {
        "accounts": accounts,
        "administrators": draw(st.integers(0, 5)),
        "at_most": draw(maybe(st.integers(1, 4))),
        "shared": draw(st.booleans()),
        "roles": list(_ROLES),
        "powerful_roles": ["administrator", "shop_boss"],
        "other_application_passwords": draw(st.integers(0, 1)),
        "content": draw(
            st.sampled_from(([], [{"login": "evil", "counts": counts, "comments": 1}]))
        ),
        "without_author": draw(st.sampled_from(([], [{"account": 7, "counts": counts}]))),
    }
    return Words(text, kind("users", answer))


@st.composite
def _auto_updates(draw: st.DrawFn) -> Words:
    on_off = st.sampled_from(("on", "off"))
    core = draw(st.sampled_from(({}, {"auto_updates": "off"}, {"auto_updates": "minor"},
                                 {"version": "7.1.1", "auto_updates": "on"})))  # fmt: skip
    every = draw(maybe(on_off.map(lambda word: {"plugins": word})))
    package = st.fixed_dictionaries(
        {"version": st.just("approved")}, optional={"auto_updates": on_off}
    )
    slugs = ("akismet", "woocommerce")
    plugins = draw(some(slugs, package | st.sampled_from(("approved", "inactive", "absent"))))
    answer = {
        "minor": draw(st.booleans()),
        "major": draw(st.booleans()),
        "fixed": draw(st.sampled_from((None, "true", "false", "minor", "beta"))),
        "never": draw(st.sampled_from((None, None, "DISALLOW_FILE_MODS"))),
        "plugins": (plugins_on := draw(st.dictionaries(st.sampled_from(slugs), st.booleans()))),
        "on": [slug for slug, is_on in plugins_on.items() if is_on],
    }
    there = [plugin("akismet/akismet.php", version="5.7.2", active=True)]
    said = {"plugins": there, **kind("auto_updates", answer)}
    return Words(lines(core=core, auto_updates=every, plugins=plugins), said)


@st.composite
def _mail(draw: st.DrawFn) -> Words:
    folder = draw(st.sampled_from(("/srv/shop/wp-content/mu-plugins", "/elsewhere", "")))
    found = draw(st.sampled_from((None, sha256(CODE.encode()).hexdigest(), "f" * 64, "")))
    word = draw(st.sampled_from(("on", "off")))
    return Words(lines(mail=word), kind("mail", {"folder": folder, "sha256": found}))


@st.composite
def _options(draw: st.DrawFn) -> Words:
    names = ("blogname", "a", "b.c", "b.d.e", "shop_password", "x.list")
    types = st.sampled_from(("text", "integer", "boolean"))
    items = st.lists(st.sampled_from(("x", "10", "true")), max_size=3)
    long = st.fixed_dictionaries(
        {"value": _SHORT | items}, optional={"type": types, "create": st.just("true")}
    )
    secret = st.just({"secret": {"env": "WPSTATE_SECRET_KEY"}})
    words = st.one_of(_SHORT, items, st.sampled_from(_LEFT), long, secret)
    asked = draw(some(names, words))
    leaf = st.one_of(
        _SCALARS,
        st.sampled_from(("array", "object")).map(lambda sort: {"type": sort, **_HASHED}),
        st.sampled_from(("missing_option", "missing_leaf", "blocked", "damaged")).map(
            lambda sort: {"type": sort}
        ),
        st.just({"type": "null", "json": "null"}),
        st.sampled_from(('["x"]', "[1, 10]", "[true]", "[]")).map(
            lambda told: {"type": "list", "json": told, "list": True}
        ),
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(("text", "array", "missing_option", "blocked")),
                "secret": st.just("env WPSTATE_SECRET_KEY"),
                "same": maybe(st.booleans()),
                "ours": st.booleans(),
            }
        ),
    )
    there = draw(st.dictionaries(st.sampled_from(names), leaf))
    exact = draw(st.booleans())
    answer = {"options": {name: {**found, "exact": exact} for name, found in there.items()}}
    return Words(lines(options=asked), kind("options", answer))


def _constant(draw: st.DrawFn) -> Json:
    """One of wp-config.php, as its code defines it."""
    form = draw(st.sampled_from(_FORMS))
    value = draw(_SCALARS) if form == "plain" else draw(_SCALARS | st.just({}))
    return {"form": form, **({} if form == "missing" else value)}


@st.composite
def _constants(draw: st.DrawFn) -> Words:
    names = ("WP_POST_REVISIONS", "EMPTY_TRASH_DAYS", "SHOP_MODE")
    long = st.fixed_dictionaries({"value": _SHORT}, optional={"type": st.just("text")})
    asked = draw(some(names, st.one_of(_SHORT, st.sampled_from(_LEFT), long)))
    there = draw(st.sets(st.sampled_from(names)))
    answer = {
        "constants": {name: _constant(draw) for name in sorted(there)},
        "obstacle": draw(st.sampled_from(_OBSTACLES)),
        "has_place": draw(st.booleans()),
    }
    return Words(lines(constants=asked), kind("constants", answer))


@st.composite
def _rewrite(draw: st.DrawFn) -> Words:
    structures = ("plain", "/%postname%/", "/archives/%post_id%", "client", "unmanaged")
    bases = st.sampled_from(("default", "news", "a/b", "client"))
    asked = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "structure": st.sampled_from(structures),
                "category_base": bases,
                "tag_base": bases,
            },
        ).filter(bool)
    )
    base = st.sampled_from(("", "news", "/news/", "a/b", "default", "default/")) | TEXTS
    there = st.sampled_from(("", "plain", "/%postname%/", "/archives/%post_id%")) | TEXTS
    answer = {
        "structure": draw(there),
        "category_base": draw(base),
        "tag_base": draw(base),
        "block": draw(st.booleans()),
        "writable": draw(st.booleans()),
    }
    return Words(lines(rewrite=asked), kind("rewrite", answer))


@st.composite
def _cron(draw: st.DrawFn) -> Words:
    asked: dict[str, Any] = draw(
        st.sampled_from(
            ({}, {"wp_cron": "on"}, {"wp_cron": "off"}, {"wp_cron": "off", "every": "1h"},
             {"wp_cron": "off", "schedule": "host"})
        )
    )  # fmt: skip
    hooks = draw(st.lists(st.sampled_from(("good", "bad", "a:b/c.d")), unique=True))
    must, must_not = hooks[:1], hooks[1:]
    asked |= {"must": must} if must else {}
    asked |= {"must_not": must_not} if must_not else {}
    if not asked:
        asked = {"overdue": "2h"}
    counts = st.dictionaries(st.sampled_from(("good", "bad", "a:b/c.d")), st.integers(0, 2))
    late = draw(st.integers(0, 2))
    schedules = (None, "*/5 * * * *", "0 * * * *", "{{ 7*7 }}")
    answer = {
        "hooks": draw(counts),
        "overdue": {"count": late, "hooks": ["late"] * late},
        "crontab": draw(st.sampled_from(("there", "none", "refused"))),
        "schedule": draw(st.sampled_from(schedules)),
        "is_ours": draw(st.booleans()),
        "constants": {
            "obstacle": draw(st.sampled_from(_OBSTACLES)),
            "has_place": draw(st.booleans()),
            "constants": {"DISABLE_WP_CRON": _constant(draw)},
        },
    }
    return Words(lines(cron=asked), kind("cron", answer))


STRATEGIES = {
    "users": _users(),
    "auto_updates": _auto_updates(),
    "mail": _mail(),
    "options": _options(),
    "constants": _constants(),
    "rewrite": _rewrite(),
    "cron": _cron(),
}
