"""Which zips are a language pack, and where wordpress.org says that one lies."""

import pytest

from wpstate.planning.tree_rules import unplanned
from wpstate.planning.zip_rules import ZipEntry, listing_problems
from wpstate.ports import TreeChange
from wpstate.resources.language_packs import of_locale, pack_problem
from wpstate.resources.packages import pack_path, translations_url

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
    globs = tuple(f"wp-content/languages/{name}" for name in of_locale("fr_FR"))
    ours = ("fr_FR.mo", "admin-fr_FR.l10n.php", SCRIPT)
    others = ("de_DE.mo", "plugins/x-fr_FR.mo", "fr_FR.php", "fr_FR-x.php", "x-fr_FR.mo")
    changes = [TreeChange(f"wp-content/languages/{name}", "added") for name in (*ours, *others)]
    found = {path.removeprefix("wp-content/languages/") for path in unplanned(changes, (), globs)}
    assert found == set(others)


def test_the_api_is_asked_for_the_version() -> None:
    assert translations_url("http://a", "7.1.1") == "http://a/translations/core/1.0/?version=7.1.1"


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
