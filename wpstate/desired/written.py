"""Fleet files as an import writes them: a site file of single lines, one more entry in hosts.yml.

Which lines are needed is left to workflows.import_site, reading them back to compose.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from wpstate.model.imported import Written
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.site import Host
from wpstate.model.source import SourceSpan
from wpstate.resources.file_words import quoted
from wpstate.resources.foreign_text import visible

_COMMENT_COLUMN = 40
_REMARK = 300


def site_text(
    url: str, profiles: Sequence[str], lines: Sequence[Written], remarks: Sequence[str]
) -> str:
    """A site file. `remarks` stand as comments at its end, one to a line."""
    text = f"url: {quoted(url)}\n"
    if profiles:
        text += f"profiles: [{', '.join(profiles)}]\n"
    text += _line("", "mode: observe", "reconcile tells; `apply` lets it change the site")
    for key, several in groupby(sorted(lines, key=_place), key=lambda line: line.keys[0]):
        group = tuple(several)
        if len(group[0].keys) == 1:
            text += "".join(_line("", f"{key}: {line.value}", line.comment) for line in group)
        else:
            text += f"{key}:\n" + "".join(
                _line("  ", f"{quoted(line.keys[1])}: {line.value}", line.comment) for line in group
            )
    return text + remarks_text(remarks)


def remarks_text(remarks: Sequence[str]) -> str:
    """Comments, one to a line."""
    return "".join(f"# {visible(remark, _REMARK)}\n" for remark in remarks)


def in_one(lines: Sequence[Written]) -> tuple[Written, ...]:
    """Each line with the parts of its long form that were said apart from it; a part of nothing
    that is asked for is left out."""
    whole = {line.keys: line for line in lines if len(line.keys) < 3}
    for part in lines:
        line = whole.get(part.keys[:2])
        if len(part.keys) == 3 and line is not None:
            is_long = line.value.startswith("{")
            said = line.value[1:-1] if is_long else f"{line.short_for}: {line.value}"
            whole[line.keys] = replace(
                line,
                value=f"{{{said}, {part.keys[2]}: {part.value}}}",
                about=(*line.about, *part.about),
                comment=line.comment or part.comment,
            )
    return tuple(whole.values())


def hosts_text(before: str, name: str, host: Host) -> str:
    """hosts.yml with one more entry; all that stood there, comments too, stays.

    Raises InvalidDesiredState (`import.hosts`) where the file has no `all: hosts:` to add to.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    try:
        root = yaml.load(before)
        hosts = root["all"]["hosts"]
        hosts[name] = _entry(host)
    except (YAMLError, KeyError, TypeError) as error:
        raise InvalidDesiredState([_no_hosts(name, host)]) from error
    written = io.StringIO()
    yaml.dump(root, written)
    return written.getvalue()


def _entry(host: Host) -> dict[str, str | int]:
    account = host.account
    entry: dict[str, str | int] = {
        "ansible_host": account.address,
        "ansible_user": account.user,
        "wp_path": host.wp_path,
    }
    if account.port != 22:
        entry["ansible_port"] = account.port
    if host.php != "php":
        entry["php"] = host.php
    return entry


def _place(line: Written) -> tuple[int, str, str]:
    first = ("core", "plugins", "themes", "admins")
    rank = first.index(line.keys[0]) if line.keys[0] in first else len(first)
    return rank, line.keys[0], line.keys[-1]


def _line(indent: str, text: str, comment: str | None) -> str:
    told = f"  # {comment}" if comment else ""
    return f"{indent}{text}".ljust(_COMMENT_COLUMN if told else 0) + f"{told}\n"


def _no_hosts(name: str, host: Host) -> Problem:
    entry = ", ".join(f"{key}: {value}" for key, value in _entry(host).items())
    return Problem(
        "import.hosts",
        "hosts.yml has no place for another host",
        SourceSpan("hosts.yml", 1, 1),
        why="an entry is added below `all: hosts:`",
        mend=f"write it by hand: `{name}: {{{entry}}}`",
    )
