"""Joins what moved on a site to the file that it is written into: of a branch, or as it lies here.

What is written is left to workflows.adopt, the words of the commands to cli.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.planning.drift import branch, told
from wpstate.proposing import fleet_branches
from wpstate.resources.foreign_text import unmarked
from wpstate.wiring import Wiring

if TYPE_CHECKING:
    from wpstate.ports import BranchWritten
    from wpstate.workflows.adopt import Drifted, Rewritten

    Rewrite = Callable[[Drifted], Rewritten]


def rewrite_here(fleet_folder: Path | None, site: str, rewrite: "Rewrite") -> "Rewritten":
    """Into the fleet folder, committed or not."""
    from wpstate.adapters.fleet_writing import write_file
    from wpstate.workflows.adopt import Drifted

    with Wiring(fleet_folder) as wired:
        drifted = Drifted(wired.texts(), site, wired.visiting_observer(), wired.clock.now())
        done = rewrite(drifted)
        write_file(wired.fleet_folder, done.path, done.text.encode("utf-8", "surrogateescape"))
    return done


def rewrite_on_branch(
    fleet_folder: Path | None, site: str, base: str, verb: str, said: str, rewrite: "Rewrite"
) -> "tuple[Rewritten, BranchWritten]":
    """As one commit on top of a revision; `said` stands below what it tells of each value. What
    lies in the fleet folder does not count."""
    from wpstate.desired.adopting import kin, site_path
    from wpstate.desired.compose import compose
    from wpstate.model.site import SiteId
    from wpstate.ports import Change
    from wpstate.workflows.adopt import Drifted

    folder = Wiring(fleet_folder).fleet_folder
    with fleet_branches(folder) as (branches, author):
        texts = branches.texts(base)
        name = SiteId(site)
        only = kin(texts, name) if site_path(name) in texts else None
        fleet = compose(texts, only=only)
        with Wiring(fleet_folder, fleet=fleet) as wired:
            drifted = Drifted(texts, site, wired.visiting_observer(), wired.clock.now())
        done = rewrite(drifted)
        what = unmarked(done.told[0].address) if len(done.told) == 1 else f"{len(done.told)} values"
        body = "\n".join([f"- {told(one)}" for one in done.told] + [f"\n{said}"] * bool(said))
        change = Change(
            branch=branch(verb, name, done.told),
            title=f"{verb.capitalize()} {what} of {site}",
            body=body,
            files={done.path: done.text.encode("utf-8", "surrogateescape")},
            author=author,
        )
        return done, branches.write(base, change)
