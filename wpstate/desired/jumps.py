"""Which machines hosts are reached through, out of hosts.yml: names become accounts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wpstate.model.node import Map, Text
from wpstate.model.problem import Problem
from wpstate.model.site import Account
from wpstate.resources.nearest import nearest

_DIRECTLY = "none"
_ADDRESS = re.compile(
    r"(?P<user>[^@]+)@(?:\[(?P<ipv6>[^]]+)\]|(?P<host>[^:]+))(?::(?P<port>[0-9]+))?"
)


@dataclass(slots=True)
class Jumps:
    """The machines below `jumps:`, and the problems met on the way through them."""

    entries: Mapping[str, Map]
    shared_user: str | None
    problems: list[Problem] = field(default_factory=list)

    def account(self, said: Text | None, behind: tuple[str, ...] = ()) -> Account | None:
        """The account that `jump: said` means; None for none, and for one with a problem.
        `behind`: the names that led here."""
        if said is None or said.text == _DIRECTLY:
            return None
        written = _ADDRESS.fullmatch(said.text)
        if written is not None:
            return self._written(written, said)
        name = said.text
        if name in behind:
            self._add(_circle(said, behind))
            return None
        if name not in self.entries:
            self._add(_unknown(said, self.entries))
            return None
        entry = self.entries[name]
        user = _text(entry, "ansible_user") or self.shared_user
        if user is None:
            self._add(_no_login(said))
            return None
        port, onwards = int(_text(entry, "ansible_port") or 22), entry.get("jump")
        through = self.account(onwards if isinstance(onwards, Text) else None, (*behind, name))
        return Account(_text(entry, "ansible_host") or "", port, user, through)

    def _written(self, written: re.Match[str], said: Text) -> Account | None:
        port = int(written["port"] or 22)
        if port > 65535:
            self._add(_no_port(said))
            return None
        return Account(written["ipv6"] or written["host"], port, written["user"])

    def _add(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def jumps_of(everything: Map) -> Jumps:
    shared, entries = everything.get("vars"), everything.get("jumps")
    return Jumps(
        {
            name.text: entry
            for name, entry in (entries.entries if isinstance(entries, Map) else ())
            if isinstance(entry, Map)
        },
        _text(shared, "ansible_user") if isinstance(shared, Map) else None,
    )


def _text(entry: Map, key: str) -> str | None:
    value = entry.get(key)
    return value.text if isinstance(value, Text) else None


def _unknown(said: Text, known: Mapping[str, Map]) -> Problem:
    near = nearest(said.text, known)
    return Problem(
        "hosts.jump_unknown",
        "no jump host of this name",
        said.span,
        found=f'"{said.text}"',
        why="a jump host is named below `all: jumps:`, never in ~/.ssh/config",
        mend=f"did you mean {near}?"
        if near
        else f"add `jumps: {{{said.text}: {{ansible_host: ADDRESS}}}}` below `all:`, or write "
        "agency@bastion.example.org",
    )


def _no_port(said: Text) -> Problem:
    return Problem(
        "hosts.jump",
        "jump is neither a name nor a login at an address",
        said.span,
        found=f'"{said.text}"',
        mend="write a port from 1 to 65535",
    )


def _circle(said: Text, behind: tuple[str, ...]) -> Problem:
    return Problem(
        "hosts.jump_circle",
        "jump hosts are reached through each other",
        said.span,
        found=" through ".join((*behind, said.text)),
        mend="take `jump:` away from the one that is reached directly",
    )


def _no_login(said: Text) -> Problem:
    return Problem(
        "hosts.incomplete",
        "host lacks its address or its login",
        said.span,
        f"all.jumps.{said.text}.ansible_user",
        why="nothing is taken from SSH's or Ansible's own settings",
        mend="add `ansible_user: …` there or under `all: vars:`",
    )
