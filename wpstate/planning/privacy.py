"""Where visitors would fetch from the state folder, if the web server let them.

A state folder outside the site may still be below another web root; one inside it is hidden there
(safetynet/hide.sh), and what the web server answers decides. Asking is left to workflows.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath
from posixpath import commonpath, relpath
from urllib.parse import quote, urlsplit

from wpstate.model.fitness import Tried
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import Paths

_OURS = "# shellcheck shell=sh"
"""How the program in a run's folder begins."""
_PLANTED = "wpstate "
"""How a planted file begins; its id follows."""
_DENIED = (403, 404)


def is_inside(paths: Paths) -> bool:
    """Whether the state folder lies inside the site's own folders."""
    state = PurePosixPath(paths.state)
    return any(state.is_relative_to(root) for root in (paths.wp, paths.content))


def program_look(url: str, wp: str, program: str) -> LookRequest | None:
    """The look for `program`, a path on the host, at the address that it has where the nearest
    folder above both it and WordPress is a web root. None where there is no such folder."""
    above = commonpath((wp, program))
    if above in ("/", wp):
        return None
    site = urlsplit(url)
    address = f"{site.scheme}://{site.netloc}/{quote(relpath(program, above))}"
    return LookRequest("state folder", address)


def private_tried(seen: LookSeen) -> Tried:
    """Whether the answer was our own file; that nobody answers is as good as a refusal."""
    if _OURS in seen.body:
        return Tried("private", False, f"{seen.final_url} is answered with our own file")
    return Tried("private", True, f"answered with {seen.status or seen.error}")


def planted_looks(url: str, wp: str, planted: Sequence[str]) -> tuple[LookRequest, ...]:
    """The looks for files planted below the site; none for what has no address that is known."""
    below = [path for path in planted if path.startswith(f"{wp}/")]
    return tuple(
        LookRequest(f"state folder {path}", f"{url}/{quote(path.removeprefix(f'{wp}/'))}")
        for path in below
    )


def hidden_tried(
    planted: Sequence[str], public: Sequence[LookSeen], direct: Sequence[LookSeen]
) -> Tried:
    """Every planted file must be denied at the site's address. Asked itself, the host may answer
    whatever it likes for a name that is not its own, but with no file of ours."""
    if not planted or len(public) < len(planted):
        return Tried("private", False, "it has no address at which it could be asked for")
    for seen in (*public, *direct):
        if _PLANTED in seen.body[:64]:
            return Tried("private", False, f"{_folder(seen)} is answered with our own file")
    for seen in public:
        if seen.status not in _DENIED:
            said = f"status {seen.status}" if seen.status else str(seen.error)
            return Tried("private", False, f"{_folder(seen)} is answered with {said}")
    return Tried("private", True, f"answered with {public[0].status}")


def _folder(seen: LookSeen) -> str:
    """The name of the folder is as secret as a password: it must stay one that nobody can guess."""
    head, dash, rest = seen.request.url.partition("/.wpstate-")
    return f"{head}{dash}…/{rest.rpartition('/')[2][-4:]}" if dash else seen.request.url
