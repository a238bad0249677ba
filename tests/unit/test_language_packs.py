"""Which zips are a language pack, and where wordpress.org says that one lies."""

import pytest

from wpstate.planning.tree_rules import unplanned
from wpstate.planning.zip_rules import ZipEntry, listing_problems
from wpstate.ports import TreeChange
from wpstate.resources.language_packs import joined_name, of_pack, pack_problem, told_apart
from wpstate.resources.pack_addresses import pack_path, translations_url

SCRIPT = "fr_FR-803bf1ce2131e13efc590c1bc47851fc.json"
PACK = "https://downloads.wordpress.org/translation/core/6.8/fr_FR.zip"


def slug(*names: str) -> str | None:
    problem = pack_problem("fr_FR", dict.fromkeys(names, b""))
    return problem.slug if problem else None


def test_a_pack_of_all_its_formats_is_good() -> None:
    domains = ("", "admin-", "admin-network-", "continents-cities-")
    ends = (".mo", ".po", ".l10n.php")
    assert slug(*(f"{domain}fr_FR{end}" for domain in domains for end in ends), SCRIPT) is None


@pytest.mark.parametrize(
    "name",
    [
        "de_DE.mo",
        "fr_FR.php",
        "fr_FR.mo.php",
        "fr_FR-x.php",
        "fr_FR-x.json.php",
        "xfr_FR.mo",
        "akismet-fr_FR.mo",
        "fr_FR_formal.mo",
        ".htaccess",
        "fr_FR-../x.json",
        "fr_FR-x.json\n",
    ],
)
def test_anything_else_is_refused(name: str) -> None:
    assert slug("fr_FR.mo", name) == "artifact.language_file"


def test_wordpress_must_be_able_to_read_it_without_running_it() -> None:
    assert slug("fr_FR.l10n.php", "fr_FR.po", SCRIPT) == "artifact.main_file"


@pytest.mark.parametrize("name", ["languages/fr_FR.mo", "languages/"])
def test_a_pack_holds_no_folder(name: str) -> None:
    entries = [ZipEntry("fr_FR.mo", 10, 10), ZipEntry(name, 0, 0, offset=1000)]
    assert [p.slug for p in listing_problems(None, entries)] == ["artifact.folder"]
    assert listing_problems(None, entries[:1]) == ()


def test_only_the_locales_own_files_may_change_in_a_run() -> None:
    globs = tuple(f"wp-content/languages/{name}" for name in of_pack("fr_FR"))
    ours = ("fr_FR.mo", "admin-fr_FR.l10n.php", SCRIPT)
    others = ("de_DE.mo", "plugins/x-fr_FR.mo", "fr_FR.php", "fr_FR-x.php", "x-fr_FR.mo")
    changes = [TreeChange(f"wp-content/languages/{name}", "added") for name in (*ours, *others)]
    found = {path.removeprefix("wp-content/languages/") for path in unplanned(changes, (), globs)}
    assert found == set(others)


def test_a_plugins_pack_holds_its_own_catalogues() -> None:
    pack, stem = "plugins/akismet-fr_FR", "akismet-fr_FR"
    good = (f"{stem}.mo", f"{stem}.po", f"{stem}.l10n.php", f"{stem}-803bf1ce.json")
    assert pack_problem(pack, dict.fromkeys(good, b"")) is None
    for strange in ("fr_FR.mo", f"admin-{stem}.mo", "other-fr_FR.mo", f"{stem}.php"):
        problem = pack_problem(pack, dict.fromkeys((*good, strange), b""))
        assert problem
        assert problem.slug == "artifact.language_file"
    globs = tuple(f"wp-content/languages/{name}" for name in of_pack(pack))
    changes = [TreeChange(f"wp-content/languages/plugins/{name}", "added") for name in good]
    assert unplanned(changes, (), globs) == ()
    assert unplanned([TreeChange("wp-content/languages/plugins/other-fr_FR.mo", "x")], (), globs)


@pytest.mark.parametrize("pack", ["fr_FR", "plugins/akismet-fr_FR", "themes/a-b-de_DE_formal"])
def test_a_pack_is_told_apart_and_joined_again(pack: str) -> None:
    assert joined_name(*told_apart(pack)) == pack


def test_the_api_is_asked_for_a_plugins_version() -> None:
    url = translations_url("http://a", "plugins/akismet-fr_FR", "5.7.2")
    assert url == "http://a/translations/plugins/1.0/?slug=akismet&version=5.7.2"


def test_the_answer_leads_to_no_other_components_pack() -> None:
    below = "https://downloads.wordpress.org/translation"
    for path, found in (
        ("plugin/akismet/5.7.2", True),
        ("plugin/other/5.7.2", False),
        ("core/6.8", False),
    ):
        answer = {"language": "fr_FR", "package": f"{below}/{path}/fr_FR.zip"}
        assert bool(pack_path({"translations": [answer]}, "plugins/akismet-fr_FR")) is found


def test_the_api_is_asked_for_the_version() -> None:
    assert (
        translations_url("http://a", "fr_FR", "7.1.1")
        == "http://a/translations/core/1.0/?version=7.1.1"
    )


@pytest.mark.parametrize(
    ("answer", "path"),
    [
        ({"language": "fr_FR", "package": PACK}, "/translation/core/6.8/fr_FR.zip"),
        ({"language": "fr_FR", "package": f"{PACK}?x"}, None),
        ({"language": "fr_FR", "package": "https://evil.example/x.zip"}, None),
        ({"language": "fr_FR", "package": None}, None),
        ({"language": "de_DE", "package": PACK}, None),
        ("fr_FR", None),
    ],
)
def test_only_a_path_is_taken_from_the_answer(answer: object, path: str | None) -> None:
    assert pack_path({"translations": [answer]}, "fr_FR") == path


@pytest.mark.parametrize("answer", [None, [], {}, {"translations": None}, {"translations": {}}])
def test_any_answer_is_survived(answer: object) -> None:
    assert pack_path(answer, "fr_FR") is None
