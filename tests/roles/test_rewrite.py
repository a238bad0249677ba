"""Role rewrite: the permalink structure as WordPress keeps it, and its block of .htaccess."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, boot_changed, boot_diff
from wpstate.ports import PlaybookResult

_MINE = "# mine\nOptions -Indexes\n\n"
_EMPTY = f"{_MINE}# BEGIN WordPress\n# END WordPress\n"
_STRUCTURE = "/%year%/%postname%/"


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


@pytest.fixture
def htaccess(site: RoleSite) -> Path:
    file = site.lab.path / ".htaccess"
    file.write_text(_EMPTY, "utf-8")
    file.chmod(0o666)
    return file


def _apply(
    site: RoleSite, structure: str, *, htaccess: bool = True, check: bool = False, **bases: str
) -> PlaybookResult:
    asked = {"asked": {"structure": structure, **bases}, "htaccess": htaccess}
    told = ("structure", "plain", structure)
    return site.in_wordpress("rewrite", asked, told, check=check)


def _kept(site: RoleSite) -> str:
    where = "option_name IN ('permalink_structure', 'tag_base') ORDER BY option_name"
    return site.lab.rows(f"SELECT option_value FROM {site.lab.prefix}options WHERE {where}")


def test_check_converge_and_again(site: RoleSite, htaccess: Path) -> None:
    before = _kept(site)
    told = _apply(site, _STRUCTURE, check=True, tag_base="/mot")
    assert told.changed == ("Start WordPress once",)
    assert boot_diff(told) == ["-rewrite.structure: plain", f"+rewrite.structure: {_STRUCTURE}"]
    assert (_kept(site), htaccess.read_text("utf-8")) == (before, _EMPTY)

    done = _apply(site, _STRUCTURE, tag_base="/mot")
    assert boot_changed(done, "rewrite") == ["structure", "tag_base"]
    assert boot_diff(done) == boot_diff(told)
    assert _kept(site) == f"{_STRUCTURE}\n/mot\n"
    text = htaccess.read_text("utf-8")
    assert text.startswith(f"{_MINE}# BEGIN WordPress\n")
    assert "RewriteRule . /index.php [L]" in text

    again = _apply(site, _STRUCTURE, tag_base="/mot")
    assert boot_changed(again, "rewrite") == []
    assert (again.changed, htaccess.read_text("utf-8")) == ((), text)


def test_an_htaccess_without_a_block_of_wordpress_is_left_alone(
    site: RoleSite, htaccess: Path
) -> None:
    htaccess.write_text(_MINE, "utf-8")
    done = _apply(site, "/%day%/%postname%/", htaccess=False)
    assert boot_changed(done, "rewrite") == ["structure"]
    assert htaccess.read_text("utf-8") == _MINE
