"""Trusts a host's key: shows the one it offers, asks, and pins it. Nobody is authenticated.

Asking the person is left to the caller, files and network to the HostKeys port.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from wpstate.model.problem import Problem, Refused, UsageError
from wpstate.model.site import Account, Site
from wpstate.ports import HostKey, HostKeys


class Standing(Enum):
    """How an offered key relates to those trusted before."""

    NEW = "new"
    TRUSTED = "trusted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Offer:
    """A key to decide on."""

    account: Account
    key: HostKey
    trusted: tuple[HostKey, ...]
    """What was trusted before; another key than these is a reason to ask the hoster."""

    @property
    def standing(self) -> Standing:
        if not self.trusted:
            return Standing.NEW
        known = any(old.blob == self.key.blob for old in self.trusted)
        return Standing.TRUSTED if known else Standing.CHANGED


def offers(
    sites: Iterable[Site], name: str, host_keys: HostKeys, *, timeout_s: float = 10.0
) -> Iterator[Offer]:
    """The keys offered by the hosts that `name` means: a site's name, `address` or `address:port`.

    One offer per address and port, in the order of the sites, jump hosts before those that are
    reached through them: trust one before the next is asked for. Read-only. Raises UsageError
    (`usage.host`) where no site lives there, Failed (`host.unreachable`), and for a jump host that
    lets nobody in as SshShell.run.
    """
    accounts: dict[tuple[str, int], Account] = {}
    for site in sites:
        way = site.host.account.way
        for account in way if name == str(site.id) else (a for a in way if _is(a, name)):
            accounts.setdefault((account.address, account.port), account)
    if not accounts:
        raise UsageError([_no_such_host(name)])
    return (
        Offer(account, host_keys.offered(account, timeout_s), host_keys.trusted(account))
        for account in accounts.values()
    )


def _is(account: Account, name: str) -> bool:
    address, port = account.address, account.port
    return name in (address, f"{address}:{port}", f"[{address}]:{port}")


def trust(
    offer: Offer, host_keys: HostKeys, confirm: Callable[[Offer], bool], *, replace: bool = False
) -> bool:
    """Pin the key that was shown, once `confirm` says so. True if anything was written.

    A key trusted already is left as it is, unasked. Raises Refused: `host.key_changed` for another
    key than the trusted one unless `replace`, `host.key_declined` where `confirm` says no.
    """
    if offer.standing is Standing.TRUSTED:
        return False
    if offer.standing is Standing.CHANGED and not replace:
        raise Refused([_changed(offer)])
    if not confirm(offer):
        raise Refused([_declined(offer)])
    host_keys.pin(offer.account, offer.key)
    return True


def _no_such_host(name: str) -> Problem:
    return Problem(
        "usage.host",
        "no site of this fleet lives there",
        found=name,
        mend="name a site, or an ansible_host of hosts.yml, with its port if it is not 22",
    )


def _changed(offer: Offer) -> Problem:
    before = ", ".join(f"{key.sort} {key.fingerprint}" for key in offer.trusted)
    return Problem(
        "host.key_changed",
        "the host's key is not the one that was trusted",
        key=offer.key.host,
        found=f"{offer.key.sort} {offer.key.fingerprint}",
        why=f"trusted was {before}; somebody may stand between you and the host",
        mend="ask the hoster for the new fingerprint, then repeat with --replace",
    )


def _declined(offer: Offer) -> Problem:
    return Problem(
        "host.key_declined",
        "the key was not confirmed, so nothing was trusted",
        key=offer.key.host,
        found=f"{offer.key.sort} {offer.key.fingerprint}",
        mend="compare the fingerprint with the hoster's and repeat",
    )
