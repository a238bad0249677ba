"""`wpstate trust` against a real sshd: what is shown is what is pinned, and only if confirmed."""

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from paramiko.hostkeys import HostKeys as ParamikoHostKeys

from tests.integration.own_sshd import OwnSshd
from wpstate.adapters.known_hosts import KnownHosts
from wpstate.adapters.ssh import SshShells
from wpstate.model.problem import Failed, Refused, UsageError
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.workflows.trust import Offer, Standing, offers, trust


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[OwnSshd]:
    server = OwnSshd(tmp_path)
    server.start()
    yield server
    server.stop()


def site_on(sshd: OwnSshd, name: str = "shop") -> Site:
    return Site(SiteId(name), sshd.host, "http://127.0.0.1")


def yes(offer: Offer) -> bool:
    return True


def no(offer: Offer) -> bool:
    return False


def test_the_fingerprint_shown_is_the_one_ssh_keygen_shows(sshd: OwnSshd) -> None:
    (offer,) = offers([site_on(sshd)], "shop", KnownHosts(sshd.folder / "known"))
    command = ["ssh-keygen", "-l", "-f", str(sshd.folder / "host.pub")]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert offer.standing is Standing.NEW
    assert offer.key.fingerprint == listed.split()[1]
    assert "publickey" not in sshd.log_text()


def test_a_confirmed_key_lets_commands_through(sshd: OwnSshd) -> None:
    known_hosts = KnownHosts(sshd.folder / "home" / "known_hosts")
    (offer,) = offers([site_on(sshd)], f"127.0.0.1:{sshd.port}", known_hosts)
    assert trust(offer, known_hosts, yes)
    assert stat.S_IMODE((sshd.folder / "home/known_hosts").stat().st_mode) == 0o600
    with SshShells(known_hosts, sshd.user_key) as shells:
        assert shells.of(sshd.host).run("echo in", timeout_s=10).stdout == b"in\n"
    (again,) = offers([site_on(sshd)], "shop", known_hosts)
    assert again.standing is Standing.TRUSTED
    assert not trust(again, known_hosts, no)


def test_a_declined_key_is_not_pinned(sshd: OwnSshd) -> None:
    known_hosts = KnownHosts(sshd.folder / "known")
    (offer,) = offers([site_on(sshd)], "shop", known_hosts)
    with pytest.raises(Refused) as error:
        trust(offer, known_hosts, no)
    assert error.value.problems[0].slug == "host.key_declined"
    assert not (sshd.folder / "known").exists()


def test_a_changed_key_needs_replace_and_leaves_other_lines_alone(sshd: OwnSshd) -> None:
    file = sshd.folder / "known"
    other = "other.example " + (sshd.folder / "user.pub").read_text().strip()
    file.write_text(f"# by hand\n{other}\n")
    known_hosts = KnownHosts(file)
    (offer,) = offers([site_on(sshd)], "shop", known_hosts)
    trust(offer, known_hosts, yes)
    sshd.stop()
    sshd.new_host_key()
    sshd.start()
    (changed,) = offers([site_on(sshd)], "shop", known_hosts)
    before = file.read_bytes()
    assert changed.standing is Standing.CHANGED
    with pytest.raises(Refused) as error:
        trust(changed, known_hosts, yes)
    assert error.value.problems[0].slug == "host.key_changed"
    assert file.read_bytes() == before
    assert trust(changed, known_hosts, yes, replace=True)
    lines = file.read_text().splitlines()
    assert lines[:2] == ["# by hand", other]
    assert len(lines) == 3
    assert known_hosts.trusted(sshd.account) == (changed.key,)


def test_our_own_file_decides_before_the_users(sshd: OwnSshd) -> None:
    own, users = sshd.folder / "own", sshd.folder / "users"
    name = ParamikoHostKeys.hash_host(f"[127.0.0.1]:{sshd.port}")
    users.write_text(f"{name} {(sshd.folder / 'host.pub').read_text()}")
    both = KnownHosts(own, (users,))
    with SshShells(both, sshd.user_key) as shells:
        assert shells.of(sshd.host).run("true", timeout_s=10).exit_code == 0
    own.write_text(f"[127.0.0.1]:{sshd.port} {(sshd.folder / 'user.pub').read_text()}")
    with SshShells(both, sshd.user_key) as shells, pytest.raises(Refused):
        shells.of(sshd.host).run("true", timeout_s=10)


def test_sites_of_one_host_make_one_offer(sshd: OwnSshd) -> None:
    other_user = Host(Account("127.0.0.1", sshd.port, "another"), "/")
    sites = [site_on(sshd, "shop"), Site(SiteId("blog"), other_user, "http://127.0.0.1")]
    assert len(tuple(offers(sites, "127.0.0.1", KnownHosts(sshd.folder / "known")))) == 1


def test_a_host_without_sites_and_a_host_that_is_down_are_told(sshd: OwnSshd) -> None:
    known_hosts = KnownHosts(sshd.folder / "known")
    with pytest.raises(UsageError):
        offers([site_on(sshd)], "elsewhere", known_hosts)
    sshd.stop()
    with pytest.raises(Failed) as error:
        tuple(offers([site_on(sshd)], "shop", known_hosts))
    assert error.value.problems[0].slug == "host.unreachable"
