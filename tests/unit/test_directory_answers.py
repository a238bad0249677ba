"""What a directory answers, and what its authors say: strangers' text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.model.bump import Asked, Name
from wpstate.resources.changelog import changelog_lines, inert, until_version
from wpstate.resources.directory_answers import addresses, listed

PLUGIN = Asked(Name("plugins", "hello"), "hello-dolly", "wordpress.org", "1.7.2")
CORE = Asked(Name("core", "wordpress"), "wordpress", "wordpress.org", "6.8.3")
TOLD = {
    "name": "Hello", "slug": "hello-dolly", "version": "1.7.4",
    "author": '<a href="https://ma.tt/">Matt &amp; Co</a>',
    "requires": "4.6", "requires_php": False, "tested": "7.1",
    "last_updated": "2026-09-12 3:14pm GMT",
    "versions": {"1.7.3": "x", "trunk": "x", "1.7.4": "x", "../../x": "x"},
    "sections": {"changelog": "<h4>1.7.4</h4><ul><li>Fixed <b>it</b>.</li></ul>"},
}  # fmt: skip


def test_it_is_asked_by_its_name_there() -> None:
    (address,) = addresses(PLUGIN)
    assert address.startswith(
        "plugins/info/1.2/?action=plugin_information&request%5Bslug%5D=hello-"
    )
    assert [each.partition("?")[0] for each in addresses(CORE)] == [
        "core/version-check/1.7/",
        "core/stable-check/1.0/",
    ]


def test_what_a_plugin_is() -> None:
    found = listed(PLUGIN, (TOLD,))
    newest, *others = found.releases
    assert (newest.version, newest.requires_wp, newest.requires_php) == ("1.7.4", "4.6", None)
    assert newest.released_at == datetime(2026, 9, 12, 15, 14, tzinfo=UTC)
    assert [release.version for release in others] == ["1.7.3"]
    assert found.author == "Matt & Co"
    assert found.changelog == ("= 1.7.4 =", "* Fixed it.")


def test_a_theme_names_its_author_in_a_map() -> None:
    asked = Asked(Name("themes", "x"), "x", "wordpress.org", "1")
    told = {"version": "2", "last_updated": "2026-09-12", "author": {"author": "Ana"}}
    found = listed(asked, (told,))
    assert found.author == "Ana"
    assert found.releases[0].released_at == datetime(2026, 9, 12, tzinfo=UTC)


def test_what_is_closed_says_why() -> None:
    told = {"error": "closed", "closed": True, "closed_date": "2018-10-02", "reason_text": "Guile"}
    assert listed(PLUGIN, (told,)).closed == "2018-10-02: Guile"


def test_core_and_which_versions_are_insecure() -> None:
    check = {"offers": [{"response": "upgrade", "version": "7.1.1", "php_version": "7.4"}]}
    stable = {"6.8.3": "insecure", "6.8.4": "outdated", "7.1.1": "latest"}
    found = listed(CORE, (check, stable))
    assert [(r.version, r.requires_php) for r in found.releases] == [
        ("7.1.1", "7.4"),
        ("6.8.4", None),
        ("6.8.3", None),
    ]
    assert found.insecure == {"6.8.3"}


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"version": 7}, {"version": "../x"}, {"error": "Plugin not found."}, 7]
)
def test_what_is_not_understood_is_unknown(answer: object) -> None:
    assert listed(PLUGIN, (answer,)).unknown
    assert listed(CORE, (answer, {})).unknown


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(sorted({*TOLD, "offers", "closed"})), ANYTHING), ANYTHING)
def test_no_answer_is_a_bug(answer: dict[str, object], other: object) -> None:
    for asked in (PLUGIN, CORE):
        found = listed(asked, (answer, other)[: len(addresses(asked))])
        assert found.unknown or found.closed or found.releases


def test_a_changelog_ends_where_the_approved_version_begins() -> None:
    lines = ("= 1.7.4 - 2026-09-12 =", "* New.", "= 1.7.3 =", "* Also.", "= 1.7.2 =", "* Old.")
    assert until_version(lines, "1.7.2") == lines[:4]


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>One<br>Two</p>", ("One", "Two")),
        ("<script>alert(1)</script><style>x</style>Text", ("Text",)),
        ("<h4>1.0</h4>\n\n<p>\x1b[31mRed\u202e</p>", ("= 1.0 =", "\\x1b[31mRed\\u202e")),
        ("<ul><li></li></ul><p> </p>", ()),
        ("&lt;b&gt; <li>Unclosed", ("<b>", "* Unclosed")),
        ("x" * 999, ("x" * 159 + "…",)),
    ],
)
def test_lines_of_html(html: str, lines: tuple[str, ...]) -> None:
    assert changelog_lines(html) == lines


def test_a_changelog_is_short() -> None:
    assert len(changelog_lines("<p>x</p>" * 10_000)) == 300


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Thanks @ana and org/@team", "Thanks @ ana and org/@ team"),
        ("Fixes #12, closes org/repo#3, GH-4", "Fixes # 12, closes org/repo# 3, GH - 4"),
        ("closes https://forge.example/issues/1", "closes https: //forge.example/issues/1"),
        ("/close and !5 &6 ~bug %7 $8", "/ close and ! 5 & 6 ~ bug % 7 $ 8"),
        ("[skip ci] [ci skip] ***NO_CI***", "(skip ci) (ci skip) *NO_CI*"),
        ("[x](javascript:1) ![y](z) <img> `a`", "(x)(javascript:1) !(y)(z) ‹img› 'a'"),
        ("{{ 7*7 }} {% x %}", "(( 7*7 )) (% x %)"),
        ("www.evil.example", "www .evil.example"),
    ],
)  # fmt: skip
def test_a_forge_finds_nothing_to_act_upon(line: str, told: str) -> None:
    assert inert(line) == told


@given(st.text())
def test_whatever_authors_write(text: str) -> None:
    for line in map(inert, changelog_lines(text)):
        assert line.isprintable()
        assert not any(sign in line for sign in ("[", "]", "<", ">", "`", "://", "{{", "***"))
        for sign in "@#!":
            assert not any(after[:1].isalnum() for after in line.split(sign)[1:])
