"""Where sites to import live, out of what a person types or a wp-cli.yml names.

Source of aliases: WP-CLI 2.12, `@alias: {ssh: [user@]host[:port][~/path], path: …}`
(WP_CLI\\Configurator, Utils\\parse_ssh_url).
"""

import re
from collections.abc import Iterator

from wpstate.desired.document import read_document
from wpstate.model.imported import Place
from wpstate.model.node import Map, Text
from wpstate.model.problem import InvalidDesiredState, Problem, UsageError
from wpstate.model.site import Account, Host

_PLACE = re.compile(
    r"(?P<user>[A-Za-z0-9_.][A-Za-z0-9_.-]*)@(?P<host>[A-Za-z0-9.-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?:?(?P<path>/\S*)"
)
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def place_of(text: str, name: str, php: str = "php") -> Place:
    """`client@web1.example:/home/client/www`. Raises UsageError (`usage.place`, `usage.name`)."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise UsageError([_no_place(text)])
    if not _NAME.fullmatch(name) or len(name) > 63:
        raise UsageError([_no_name(name)])
    account = Account(found["host"], int(found["port"] or 22), found["user"])
    return Place(name, Host(account, found["path"].rstrip("/"), php))


def places_of(file: str, text: str, php: str = "php") -> tuple[Place, ...]:
    """The sites of a wp-cli.yml, in its order. Groups of aliases (lists) are passed over.

    Raises InvalidDesiredState for a file that is no YAML, UsageError where it names no site or one
    that cannot be reached by SSH.
    """
    root, problems = read_document(file, text)
    if problems or not isinstance(root, Map):
        raise InvalidDesiredState(problems or [_no_alias(file)])
    places = tuple(_places(root, php))
    if not places:
        raise UsageError([_no_alias(file)])
    return places


def _places(root: Map, php: str) -> Iterator[Place]:
    for alias, value in root.entries:
        ssh = value.text("ssh") if isinstance(value, Map) else None
        if alias.text.startswith("@") and isinstance(value, Map) and isinstance(ssh, Text):
            path = value.text("path")
            yield place_of(ssh.text + (f":{path.text}" if path else ""), alias.text[1:], php)


def _no_place(text: str) -> Problem:
    return Problem(
        "usage.place",
        "this names no WordPress folder on a host",
        found=text[:200],
        why="a site is reached by SSH, as a user, at an absolute path",
        mend="write USER@HOST:/PATH, such as client@web1.example.org:/home/client/www",
    )


def _no_name(name: str) -> Problem:
    return Problem(
        "usage.name",
        "a site cannot be called so",
        found=name[:100],
        why="names become file names and words of commands",
        mend="write small letters, digits and hyphens, such as boutique",
    )


def _no_alias(file: str) -> Problem:
    return Problem(
        "usage.aliases",
        "the file names no site that is reached by SSH",
        found=file,
        why="only aliases with `ssh:` say where a site lives",
        mend="write `@boutique: {ssh: client@web1.example.org:/home/client/www}`",
    )
