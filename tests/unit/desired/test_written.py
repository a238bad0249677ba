"""Files that an import writes read back as what was meant, and nothing that stood there is lost."""

import pytest

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.desired.document import read_document
from wpstate.desired.places import place_of, places_of
from wpstate.desired.written import hosts_text, in_one, site_text
from wpstate.model.imported import Written
from wpstate.model.node import Map, Text
from wpstate.model.problem import InvalidDesiredState, UsageError
from wpstate.model.site import Account, Host
from wpstate.model.state import Address

HOST = Host(Account("web1.example", 2222, "client"), "/home/client/www")


@pytest.mark.parametrize(
    "value",
    ["plain", "a: b", "it's", "", " ", "#no comment", "[x]", "{x}", "yes", "g:i a", "é", "- x",
     "@x", "-1", "a #b", "50%", "null", "!tag", "&x", "*x", "|", ">", "a\\b", '"q"'],
)  # fmt: skip
def test_any_value_reads_back_as_it_was(value: str) -> None:
    from wpstate.resources.file_words import quoted

    text = site_text("https://x.example", (), [Written(("options", "x"), quoted(value), ())], ())
    root, problems = read_document("sites/x.yml", text)
    assert problems == ()
    assert isinstance(root, Map)
    options = root.get("options")
    assert isinstance(options, Map)
    assert options.text("x") == Text(value, options.entries[0][1].span)


def test_parts_of_a_long_form_come_into_its_line() -> None:
    def line(*keys: str, value: str, short_for: str = "") -> Written:
        about = (Address(f"{keys[0]}.{'/'.join(keys[1:])}"),)
        return Written(keys, value, about, short_for=short_for)

    long = "{version: 1.0, state: inactive}"
    lines = (
        line("plugins", "a", "auto_updates", value="on"),
        line("plugins", "a", value="5.5", short_for="version"),
        line("plugins", "b", value=long, short_for="version"),
        line("plugins", "b", "auto_updates", value="on"),
        line("plugins", "c", "auto_updates", value="on"),
        line("mail", value="on"),
    )
    told = {joined.keys: (joined.value, joined.about) for joined in in_one(lines)}
    assert told == {
        ("plugins", "a"): (
            "{version: 5.5, auto_updates: on}",
            ("plugins.a", "plugins.a/auto_updates"),
        ),
        ("plugins", "b"): (
            "{version: 1.0, state: inactive, auto_updates: on}",
            ("plugins.b", "plugins.b/auto_updates"),
        ),
        ("mail",): ("on", ("mail.",)),
    }


def test_a_site_cannot_break_out_of_a_remark() -> None:
    text = site_text("https://x.example", (), (), ("a\nplugins: {evil: 1.0}", "\x1b[2J", "x" * 999))
    root, problems = read_document("sites/x.yml", text)
    assert problems == ()
    assert isinstance(root, Map)
    assert [key.text for key, _ in root.entries] == ["url", "mode"]
    assert max(map(len, text.splitlines())) < 400


def test_a_host_is_added_and_all_that_stood_there_stays() -> None:
    before = "# ours\nall:\n  hosts:\n    a: {wp_path: /a}   # the first\n"
    after = hosts_text(before, "b", HOST)
    assert after.startswith("# ours\nall:\n  hosts:\n    a: {wp_path: /a}   # the first\n")
    _, problems = read_document("hosts.yml", after)
    assert problems == ()
    assert "ansible_port: 2222" in after


@pytest.mark.parametrize("before", ["", "all: {}\n", "x: 1\n", "a: [\n", "- a\n"])
def test_hosts_without_a_place_for_it_are_left_alone(before: str) -> None:
    with pytest.raises(InvalidDesiredState) as caught:
        hosts_text(before, "b", HOST)
    assert [problem.slug for problem in caught.value.problems] == ["import.hosts"]


def test_places_as_people_and_wp_cli_write_them() -> None:
    place = place_of("client@web1.example:2222:/home/client/www/", "boutique", "php8.2")
    assert (place.name, place.host) == (
        "boutique",
        Host(HOST.account, HOST.wp_path, "php8.2"),
    )
    text = (
        "path: wp-core\n'@boutique':\n  ssh: client@web1.example:2222/home/client/www\n"
        "'@atelier': {ssh: client@web1.example, path: /srv/www}\n"
        "'@both': ['@boutique', '@atelier']\n"
    )
    assert [(p.name, p.host.wp_path) for p in places_of("wp-cli.yml", text)] == [
        ("boutique", "/home/client/www"),
        ("atelier", "/srv/www"),
    ]


@pytest.mark.parametrize(
    ("text", "name", "slug"),
    [
        ("web1.example:/www", "x", "usage.place"),
        ("a@b:www", "x", "usage.place"),
        ("-oProxyCommand=x@b:/www", "x", "usage.place"),
        ("a@b:/www", "Boutique", "usage.name"),
        ("a@b:/www", "../x", "usage.name"),
    ],
)
def test_places_that_are_none(text: str, name: str, slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        place_of(text, name)
    assert [problem.slug for problem in caught.value.problems] == [slug]


def test_a_new_site_is_only_looked_at_also_where_its_fleet_applies() -> None:
    texts = sound_fleet()
    texts["fleet.yml"] += "mode: apply\n"
    assert compose(texts).sites[0].policy.applies
    texts["sites/boutique.yml"] = site_text("https://x.example", (), (), ())
    assert not compose(texts).sites[0].policy.applies
