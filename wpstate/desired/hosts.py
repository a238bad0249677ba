"""hosts.yml, a checked tree, to hosts by name. It has an inventory's shape and is none: Ansible
never reads it, and nothing in it is a template."""

from collections.abc import Iterator

from wpstate.desired.jumps import jumps_of
from wpstate.model.node import Map, Text
from wpstate.model.problem import Problem
from wpstate.model.site import CONNECTIONS_PER_MINUTE, Account, Host


def read_hosts(root: Map) -> tuple[dict[str, Host], tuple[Problem, ...]]:
    """Hosts by site name, and problems of hosts that lack an address or a login, or are one."""
    hosts: dict[str, Host] = {}
    living: dict[tuple[Account, str], Text] = {}
    problems: list[Problem] = []
    everything = root.get("all")
    assert isinstance(everything, Map)
    shared, entries = everything.get("vars"), everything.get("hosts")
    jumps = jumps_of(everything)
    for name, entry in entries.entries if isinstance(entries, Map) else ():
        assert isinstance(entry, Map)
        values = {**(_texts(shared) if isinstance(shared, Map) else {}), **_texts(entry)}
        missing = tuple(_missing(name, values))
        problems.extend(missing)
        if missing:
            continue
        said = entry.get("jump") or (shared.get("jump") if isinstance(shared, Map) else None)
        jump = jumps.account(said if isinstance(said, Text) else None)
        host = hosts[name.text] = _host(values, jump)
        first = living.setdefault((host.account, host.wp_path), name)
        if first is not name:
            problems.append(_twice(name, first, host.wp_path))
    return hosts, (*problems, *jumps.problems)


def _texts(entries: Map) -> dict[str, str]:
    return {k.text: value.text for k, value in entries.entries if isinstance(value, Text)}


def _missing(name: Text, values: dict[str, str]) -> Iterator[Problem]:
    for key in ("ansible_host", "ansible_user"):
        if key not in values:
            yield Problem(
                "hosts.incomplete",
                "host lacks its address or its login",
                name.span,
                f"all.hosts.{name.text}.{key}",
                why="nothing is taken from SSH's or Ansible's own settings",
                mend=f"add `{key}: …` here or under `all: vars:`",
            )


def _twice(name: Text, first: Text, wp_path: str) -> Problem:
    return Problem(
        "hosts.twice",
        "two sites of the fleet live in one folder",
        name.span,
        f"all.hosts.{name.text}.wp_path",
        found=f'"{wp_path}", where {first.text} lives already ({first.span})',
        why="each would undo what the other's file asks",
        mend="write where this site lives, or delete one of the two",
    )


def _host(values: dict[str, str], jump: Account | None) -> Host:
    port = int(values.get("ansible_port", "22"))
    return Host(
        account=Account(values["ansible_host"], port, values["ansible_user"], jump),
        wp_path=values["wp_path"],
        php=values.get("php", "php"),
        run_as=values.get("run_as"),
        database_client=values.get("database_client", "auto"),
        allow_root=values.get("allow_root") == "true",
        runs_at_once=int(values.get("runs_at_once", "2")),
        connections_per_minute=int(values.get("connections_per_minute", CONNECTIONS_PER_MINUTE)),
    )
