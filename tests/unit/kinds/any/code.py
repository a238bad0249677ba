"""Kinds of code: WordPress, packages, single files, what they migrate, and networks."""

from typing import Any

from hypothesis import strategies as st

from tests.unit.kinds.agency import HASHES
from tests.unit.kinds.any.words import TEXTS, Words, kind, lines, maybe, some
from tests.unit.test_observation import plugin

_PLUGINS = ("akismet", "antispam-bee", "woocommerce", "wp-rocket")
_THEMES = ("twentytwentyfive", "twentytwentyfour", "storefront")
_VERSIONS = ("5.7.1", "5.7.2", "10.2.3", "3.19.4-beta", "1.3", "99")
_LEFT = ("absent", "client", "unmanaged")
_NO_IDENTITY = dict.fromkeys(("name", "requires_wp", "requires_php", "author", "text_domain",
                              "update_uri"), "")  # fmt: skip


def _long(**more: Any) -> st.SearchStrategy[Any]:
    """The long form of a package that stays."""
    return st.fixed_dictionaries(
        {"version": st.sampled_from(("approved", *_VERSIONS))},
        optional={
            "state": st.sampled_from(("active", "inactive")),
            "managed_by": st.sampled_from(("wpstate", "client", "host", "composer")),
            **more,
        },
    )


@st.composite
def _core(draw: st.DrawFn) -> Words:
    long = st.fixed_dictionaries(
        {},
        optional={
            "version": st.sampled_from(("approved", "6.8.7", "7.1.1", "7.2")),
            "locale": st.sampled_from(("en_US", "fr_FR", "de_DE_formal")),
            "auto_updates": st.sampled_from(("off", "minor", "on")),
            "managed_by": st.sampled_from(("wpstate", "client", "host", "composer")),
        },
    ).filter(bool)
    core = draw(st.sampled_from(("approved", "6.8.7")) | long)
    language = draw(st.sampled_from(("", "fr", "en")))
    number = draw(st.sampled_from(("60421", "61833", "99999", "", "x", "1" * 30)))
    options = {"home": "https://shop.example", "db_version": number, "WPLANG": draw(TEXTS)[:200]}
    version = draw(st.sampled_from(("6.8.6", "6.8.7", "7.1.1", "7.1.1-RC1", "8.0")))
    found = {"version": version, "db_version": 61833, "locale": draw(maybe(st.just("fr_FR")))}
    return Words(lines(core=core, language=language), {"core": found, "options": options})


def _plugins_there(slugs: tuple[str, ...]) -> st.SearchStrategy[Any]:
    one = st.builds(
        lambda file, version, active: plugin(file, version=version, active=active),
        st.sampled_from([f"{slug}/{slug}.php" for slug in slugs] + ["akismet/b.php", "hello.php"]),
        st.sampled_from((*_VERSIONS, "", "trunk")),
        st.booleans(),
    )
    return st.lists(one, max_size=6, unique_by=lambda each: str(each["file"]))


@st.composite
def _plugins(draw: st.DrawFn) -> Words:
    absent = {"state": st.just("absent"), "purge_data": st.sampled_from(("true", "false"))}
    words = st.one_of(
        st.sampled_from(("approved", "active", "inactive", *_LEFT, *_VERSIONS)),
        _long(auto_updates=st.sampled_from(("on", "off"))),
        st.fixed_dictionaries(absent),
    )
    asked = draw(some(_PLUGINS, words))
    rule = draw(st.sampled_from(("", "report", "deactivate", "delete")))
    done = {"has": "10.2.3", "asks": "10.2.3", "left": None, "due_s": None}
    said = {"plugins": draw(_plugins_there(_PLUGINS))}
    said |= kind("migrations", {"woocommerce": done, "wp-rocket": done})
    return Words(lines(plugins=asked, unlisted=rule), said)


@st.composite
def _themes(draw: st.DrawFn) -> Words:
    words = st.sampled_from(("approved", "inactive", *_LEFT, *_VERSIONS)) | _long()
    asked = draw(some(_THEMES, words))
    active = draw(maybe(st.sampled_from(_THEMES)))
    if active in asked:
        asked[active] = draw(st.sampled_from(("active", "approved")))
    there = draw(st.sets(st.sampled_from((*_THEMES, "child"))))
    told = [
        {**_NO_IDENTITY, "folder": folder, "version": draw(st.sampled_from(_VERSIONS))}
        | {"parent": "storefront" if folder == "child" else ""}
        for folder in sorted(there)
    ]
    on = draw(maybe(st.sampled_from((*_THEMES, "gone"))))
    return Words(lines(themes=asked), kind("themes", {"themes": told, "active": on}))


@st.composite
def _languages(draw: st.DrawFn) -> Words:
    locales = st.lists(st.sampled_from(("de_DE", "fr_FR", "pt_BR")), unique=True, min_size=1)
    asked = st.fixed_dictionaries(
        {},
        optional={
            "locales": locales,
            "absent": locales,
            "pinned": st.sampled_from(("on", "off")),
        },
    ).filter(bool)
    languages = draw(locales | asked)
    packs = ("core", "plugins.akismet", "plugins.unknown", "themes.storefront")
    times = (
        None,
        "x",
        *(f"2026-0{n}-01 08:00:00+0000" for n in (2, 3, 4)),
        "2026-03-01 10:00+0200",
    )
    there = st.dictionaries(st.sampled_from(packs), st.sampled_from(times))
    away = st.lists(st.sampled_from(packs), unique=True)
    long = languages if isinstance(languages, dict) else {"locales": languages}
    told = {
        "packs": {
            locale: draw(there) for locale in draw(st.just(long.get("locales", ())) | locales)
        },
        "absent": {locale: draw(away) for locale in long.get("absent", ())},
    }
    plugins = draw(st.sampled_from(({}, {"akismet": "approved"}, {"akismet": "absent"})))
    core = draw(st.sampled_from(("", "approved", "6.8.7")))
    said = {"plugins": draw(_plugins_there(("akismet",))), **kind("languages", told)}
    return Words(lines(core=core, languages=languages, plugins=plugins), said)


def _files(name: str, names: tuple[str, ...]) -> st.SearchStrategy[Words]:
    @st.composite
    def drawn(draw: st.DrawFn) -> Words:
        source = st.sampled_from(sorted(HASHES))
        words = st.one_of(
            source, st.sampled_from(_LEFT), source.map(lambda file: {"from": file, "why": "ours"})
        )
        hashes = st.sampled_from(("f" * 64, *HASHES.values()))
        there = draw(st.dictionaries(st.sampled_from((*names, "wpstate-no-mail.php")), hashes))
        linked = draw(st.booleans())
        files = [{"name": each, "sha256": sha, "link": linked} for each, sha in there.items()]
        answer = {"folder": "/srv/shop/wp-content/there", "link": False, "files": files}
        return Words(lines(**{name: draw(some(names, words))}), kind(name, answer))

    return drawn()


@st.composite
def _migrations(draw: st.DrawFn) -> Words:
    versions = maybe(st.sampled_from(("9.9.0", "10.2.3", "10.10.0", "", "x")))
    left = {"left": maybe(st.integers(0, 3)), "due_s": maybe(st.sampled_from((0, 7200)))}
    pending = {"has": st.just("9.9.0"), "asks": st.just("10.2.3")}
    told = st.fixed_dictionaries(pending | left) | st.fixed_dictionaries(
        {"has": versions, "asks": versions} | left
    )
    words = st.sampled_from(("approved", "approved", "inactive", "10.1.0", "absent")) | _long()
    answer = draw(st.dictionaries(st.sampled_from(("woocommerce", "akismet")), told))
    there = draw(_plugins_there(("woocommerce", "akismet")))
    shop = plugin("woocommerce/woocommerce.php", version="10.2.3", active=True)
    there = draw(st.sampled_from((there, [shop])))
    own = {"option": "a_db", "wanted": {"constant": "A_DB"}, "run": {"call": "a"}, "expected": "7s"}
    rows = draw(st.sampled_from((None, {"akismet": own}, {"woocommerce": "unmanaged"})))
    asked = draw(some(("woocommerce", "akismet"), words))
    said = {"plugins": there, **kind("migrations", answer)}
    return Words(lines(plugins=asked, migrations=rows), said)


@st.composite
def _network(draw: st.DrawFn) -> Words:
    hosts = ("shop.example", "shop.example/de")
    asked = st.fixed_dictionaries(
        {},
        optional={
            "plugins": st.lists(st.sampled_from(_PLUGINS), unique=True, min_size=1),
            "sites": st.lists(st.sampled_from(hosts), unique=True, min_size=1),
        },
    ).filter(bool)
    site = st.fixed_dictionaries(
        {"id": st.integers(0, 9), "domain": st.just("shop.example"),
         "path": st.sampled_from(("/", "/de/", "{{ 7*7 }}"))}
    )  # fmt: skip
    files = st.lists(st.sampled_from(("akismet/akismet.php", "hello.php")))
    network = st.fixed_dictionaries({"sites": st.lists(site, max_size=3), "plugins": files})
    return Words(lines(network=draw(asked)), kind("network", {"network": draw(maybe(network))}))


STRATEGIES = {
    "core": _core(),
    "plugins": _plugins(),
    "themes": _themes(),
    "languages": _languages(),
    "mu_plugins": _files("mu_plugins", ("notice.php", "theirs.php")),
    "dropins": _files("dropins", ("object-cache.php", "db.php")),
    "migrations": _migrations(),
    "network": _network(),
}
