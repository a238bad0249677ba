"""What a security point's means amount to on one host: what is changed, where, or why nothing can.

Making the changes is left to roles/security, judging their outcome to a fresh observation.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final, assert_never

from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState, Paths
from wpstate.model.state import Address, Json
from wpstate.resources import security_server
from wpstate.resources.foreign_text import visible
from wpstate.resources.security_points import (
    SWITCH,
    ByHand,
    Constant,
    FileMode,
    Flag,
    Htaccess,
    Option,
    OwnText,
    Point,
    Unreadable,
)
from wpstate.resources.security_sight import MU_PLUGIN, Facts, Sight, facts, place_of
from wpstate.shipped import shipped

SERVER: Final = Address("security.server")
"""What the web server calls itself, seen beside the points."""
WRITTEN: Final = "as written"
_READS_HTACCESS: Final = re.compile(r"apache|litespeed", re.IGNORECASE)
_HTACCESS = {
    point.name: point.means
    for point in security_server.POINTS
    if isinstance(point.means, Htaccess)
}  # fmt: skip
_FLAGS_LINE: Final = "} )( array() );"


def out_of_reach(
    point: Point, want: str, desired: DesiredState, observed: ObservedState
) -> str | None:
    """Why this point cannot be brought to this word here, and what to do; None where it can."""
    known = facts(observed.answer("security"))
    match point.means:
        case ByHand(how):
            named = {"admin_names": known.admins, "backup_files": known.backups}.get(point.name, ())
            return "; ".join((", ".join(visible(name, 80) for name in named[:8]), how)).lstrip("; ")
        case Constant(name, off):
            if name == "FORCE_SSL_ADMIN" and desired.site.url.startswith("http:"):
                return "the site's address is not https: get it a certificate first"
            changed = {**known.constants, name: off if want == "off" else not off}
            if point.judge(Sight(replace(known, constants=changed))) != want:
                return "other constants of wp-config.php decide it too: mend those"
            if name not in known.editable:
                value = str(off if want == "off" else not off).lower()
                return (
                    f"wp-config.php cannot be edited here: `define( '{name}', {value} );` by hand"
                )
            return None
        case Flag(closes):
            if want == closes or point.name in known.flags:
                return None
            return "another plugin or the web server closes it, not wpstate: look there"
        case Htaccess(where, _, nginx, closes):
            server = str(observed.state(SERVER).value or "unknown")
            if not _READS_HTACCESS.search(server):
                uploads = place_of(desired.site.url, observed).uploads
                asked = nginx.replace("{uploads}", uploads)
                first = ", before what hands .php to PHP" if "location" in nginx else ""
                return f"only the host can ({server}): ask for `{asked}` in this server{first}"
            if want == closes or point.name in known.htaccess.get(where, ()):
                return None
            return "another rule of the web server closes it, not wpstate: look there"
        case Option() | FileMode() | Unreadable() | OwnText():
            return None
        case _:
            assert_never(point.means)


def role_vars(pairs: Iterable[tuple[Point, str]], observed: ObservedState) -> Json:
    """What roles/security/files/in_wordpress.php is told."""
    known, paths = facts(observed.answer("security")), _paths(observed)
    constants: Json = {}
    options: Json = {}
    modes: Json = {}
    flags, blocks = set(known.flags), {k: _rules(k, v) for k, v in known.htaccess.items()}
    touched: set[str] = set()
    for point, word in pairs:
        match point.means:
            case Constant(name, off):
                constants[name] = off if word == "off" else not off
            case Option(name):
                options[name] = str(int(word == "on")) if point.words == SWITCH else word
            case FileMode():
                modes[paths.config] = word
            case Unreadable(path):
                modes[_file(path, paths)] = "600" if word == "off" else "644"
            case Flag(closes):
                touched.add(MU_PLUGIN)
                (flags.add if word == closes else flags.discard)(point.name)
            case OwnText():
                touched.add(MU_PLUGIN)
            case Htaccess(where=where, closes=closes):
                touched.add(where)
                rules = blocks.setdefault(where, set())
                (rules.add if word == closes else rules.discard)(point.name)
            case ByHand():
                raise AssertionError(f"{point.name} is nobody's but a person's to change")
            case _:
                assert_never(point.means)
    files: Json = {}
    if MU_PLUGIN in touched:
        files[f"{known.mu_folder}/{MU_PLUGIN}"] = mu_plugin(flags)
    return {
        "config": paths.config,
        "constants": constants,
        "options": options,
        "modes": [{"path": path, "mode": mode} for path, mode in modes.items()],
        "files": [{"path": path, "text": text} for path, text in files.items()],
        "blocks": [
            {"path": _htaccess(where, paths), "lines": _block(blocks[where])}
            for where in sorted(touched & set(blocks))
        ],
    }


def records(point: Point, known: Facts) -> tuple[str, ...]:
    """How the site's own records name what decides a point. Of our mu-plugin where it is gone its
    folder tells."""
    match point.means:
        case Constant() | FileMode():
            return ("constants",)
        case Option(name):
            return (f"options.{name}",)
        case Flag() | OwnText():
            folder = ("mu_plugins",) if known.mu_text is None else ()
            return (f"mu_plugins.{MU_PLUGIN}", *folder)
        case Htaccess(where):
            return (f"htaccess.{where}",)
        case Unreadable() | ByHand():
            return ()
        case _:
            assert_never(point.means)


def planned_paths(pairs: Iterable[tuple[Point, str]], observed: ObservedState) -> tuple[str, ...]:
    """As Kind.planned_paths has it. A folder without its slash is the entry alone."""
    known, paths = facts(observed.answer("security")), _paths(observed)
    found: list[str] = []
    for point, _ in pairs:
        match point.means:
            case Constant() | FileMode():
                found.append(paths.config)
            case Unreadable(path):
                found.append(_file(path, paths))
            case Flag() | OwnText():
                found += [known.mu_folder, f"{known.mu_folder}/{MU_PLUGIN}"]
            case Htaccess(where=where):
                found.append(_htaccess(where, paths))
            case Option() | ByHand():
                pass
            case _:
                assert_never(point.means)
    root = paths.wp.rstrip("/") + "/"
    return tuple(dict.fromkeys(path.removeprefix(root) for path in found))


def text_written(seen: Sight) -> str:
    """Whether our mu-plugin says what we wrote, wherever it lies: somebody may have put more in."""
    ours = hashlib.sha256(_template().encode()).hexdigest()
    return WRITTEN if seen.facts.mu_text in (None, ours) else "edited"


def mu_plugin(flags: Iterable[str]) -> str | None:
    """The bytes of our mu-plugin for these switches: one text, whose last line names them. None
    where it has nothing to close."""
    text = _template()
    assert text.count(_FLAGS_LINE) == 1
    names = ", ".join(f"'{flag}'" for flag in sorted(flags))
    return text.replace(_FLAGS_LINE, f"}} )( array( {names} ) );") if names else None


@cache
def _template() -> str:
    return (shipped("roles") / "security" / "files" / MU_PLUGIN).read_text("utf-8")


def _rules(where: str, names: Iterable[str]) -> set[str]:
    """Of what a block on the site says that it holds, what is ours: anybody may have edited it."""
    known = {name for name in names if name in _HTACCESS}
    return {name for name in known if _HTACCESS[name].where == where}


def _block(names: Iterable[str]) -> list[str]:
    """The lines of one block in .htaccess; its first says what it holds. None of it: no block."""
    named = sorted(names)
    lines = [line for name in named for line in _HTACCESS[name].lines]
    return [f"# wpstate security: {' '.join(named)}", *lines] if named else []


def _htaccess(where: str, paths: Paths) -> str:
    return f"{paths.uploads if where == 'uploads' else paths.wp}/.htaccess"


def _file(path: str, paths: Paths) -> str:
    below = path.replace("{content}", paths.content)
    return below if below.startswith("/") else f"{paths.wp}/{below}"


def _paths(observed: ObservedState) -> Paths:
    assert observed.paths is not None
    return observed.paths
