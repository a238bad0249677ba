"""Where visitors would fetch from the state folder if the web server served more than the site.

A state folder inside the site is refused without a look (planning.host_gates).
"""

from posixpath import commonpath, relpath
from urllib.parse import quote, urlsplit

from wpstate.model.fitness import Tried
from wpstate.model.look import LookRequest, LookSeen

_OURS = "# shellcheck shell=sh"
"""How the program in a run's folder begins."""


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
