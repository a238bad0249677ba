"""Role mail: with the mu-plugin of ours nothing leaves the site, without it mail is sent again."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite, boot_changed, boot_diff
from wpstate.ports import PlaybookResult
from wpstate.resources.mail import CODE, FILE

_MAIL = "var_dump( wp_mail( 'a@b.example', 'hello from a staging', 'you' ) );"


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("blog", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def _apply(site: RoleSite, code: str | None, *, check: bool = False) -> PlaybookResult:
    before, after = ("on", "off") if code else ("off", "on")
    asked = {"file": FILE, "code": code}
    return site.in_wordpress("mail", asked, ("sending", before, after), check=check)


def _lost_password(site: RoleSite) -> None:
    """As a visitor asks for it: answered by the web server's PHP."""
    url = f"{site.lab.url}/wp-login.php?action=lostpassword"
    with urlopen(url, data=b"user_login=agency", timeout=20) as answer:
        assert answer.status == 200


def test_no_mail_leaves_and_code_is_told_that_it_did(site: RoleSite) -> None:
    file = site.lab.path / "wp-content" / "mu-plugins" / FILE
    told = _apply(site, CODE, check=True)
    assert told.changed == ("Start WordPress once",)
    assert boot_diff(told) == ["-mail.sending: on", "+mail.sending: off"]
    assert not file.exists()

    done = _apply(site, CODE)
    assert boot_changed(done, "mail") == [FILE]
    assert boot_diff(done) == boot_diff(told)
    again = _apply(site, CODE)
    assert boot_changed(again, "mail") == []
    assert (again.changed, boot_diff(again)) == ((), [])
    assert file.read_text("utf-8") == CODE
    assert file.stat().st_uid == site.account.pw_uid
    before = site.lab.mails()
    assert "true" in site.wp("eval", _MAIL)
    _lost_password(site)
    assert site.lab.mails() == before

    assert _apply(site, None, check=True).changed == ("Start WordPress once",)
    assert file.read_text("utf-8") == CODE
    assert boot_changed(_apply(site, None), "mail") == [FILE]
    assert boot_changed(_apply(site, None), "mail") == []
    _lost_password(site)
    assert "agency" in site.lab.mails()[len(before) :]
