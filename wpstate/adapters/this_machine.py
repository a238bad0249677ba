"""Which addresses are this machine's own: its sites share its processors, whatever they are."""

import ipaddress
import socket
from contextlib import suppress
from functools import lru_cache

from wpstate.model.site import Host

_HERE = "localhost"


def machine_of(host: Host) -> str:
    """One word for all hosts that are this machine, the address for any other."""
    account = host.account
    # Beyond a jump host an address is another machine's.
    return _HERE if account.jump is None and _is_here(account.address) else account.address


@lru_cache(maxsize=4096)
def _is_here(address: str) -> bool:
    with suppress(ValueError):
        if ipaddress.ip_address(address).is_loopback:
            return True
    with suppress(OSError, UnicodeError):
        family, kind, _, _, place = socket.getaddrinfo(address, 0, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as own:
            own.bind(place)  # nothing else than an own address can be bound to
            return True
    return False
