"""Role mail: with the mu-plugin of ours nothing leaves the site, without it mail is sent again."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.resources.mail import CODE, FILE

_MAIL = "var_dump( wp_mail( 'a@b.example', 'hello from a staging', 'you' ) );"


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("blog", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def _apply(site: RoleSite, code: str | None) -> object:
    variables = site.apply_vars()
    variables["kinds"] = {"mail": {"in_wordpress": True, "file": FILE, "code": code}}
    result = site.apply(variables)
    assert result.ok, result.failure
    boot = dict(result.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    return boot["kinds"]["mail"]


def _lost_password(site: RoleSite) -> None:
    """As a visitor asks for it: answered by the web server's PHP."""
    url = f"{site.lab.url}/wp-login.php?action=lostpassword"
    with urlopen(url, data=b"user_login=agency", timeout=20) as answer:
        assert answer.status == 200


def test_no_mail_leaves_and_code_is_told_that_it_did(site: RoleSite) -> None:
    assert _apply(site, CODE) == [FILE]
    assert _apply(site, CODE) == []
    file = site.lab.path / "wp-content" / "mu-plugins" / FILE
    assert file.read_text("utf-8") == CODE
    assert file.stat().st_uid == site.account.pw_uid
    before = site.lab.mails()
    assert "true" in site.wp("eval", _MAIL)
    _lost_password(site)
    assert site.lab.mails() == before

    assert _apply(site, None) == [FILE]
    assert _apply(site, None) == []
    _lost_password(site)
    assert "agency" in site.lab.mails()[len(before) :]
