"""Sites of this machine are known as such by any of its addresses, and no others."""

import socket
from dataclasses import replace

import pytest

from tests.builders import SITE
from wpstate.adapters.this_machine import machine_of
from wpstate.model.site import Host

JUMP = replace(SITE.host.account, address="203.0.113.9")


def _host(address: str, *, behind_jump: bool = False) -> Host:
    jump = JUMP if behind_jump else None
    return replace(SITE.host, account=replace(SITE.host.account, address=address, jump=jump))


def _own_address() -> str:
    """The one that this machine would send from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        try:
            line.connect(("203.0.113.9", 9))
        except OSError:
            pytest.skip("this machine has no network")
        return str(line.getsockname()[0])


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.1.117", "::1", "localhost"])
def test_its_loopback_is_one_machine(address: str) -> None:
    assert machine_of(_host(address)) == machine_of(_host("127.0.0.1"))


def test_its_own_address_is_the_same_machine() -> None:
    assert machine_of(_host(_own_address())) == machine_of(_host("127.0.0.1"))


@pytest.mark.parametrize("address", ["203.0.113.7", "nobody.invalid", "a..b", ""])
def test_others_are_machines_of_their_own(address: str) -> None:
    assert machine_of(_host(address)) == address


def test_the_same_address_behind_a_jump_host_is_another_machine() -> None:
    assert machine_of(_host("127.0.0.1", behind_jump=True)) == "127.0.0.1"
