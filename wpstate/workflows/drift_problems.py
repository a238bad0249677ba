"""Why what moved on a site is not written into its file, and what to do instead."""

from wpstate.model.adopted import Moved
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.state import Address


def no_words(site: SiteId, one: Moved, instead: str) -> Problem:
    return Problem(
        "drift.no_words",
        "what is on the site cannot be asked for as it is",
        key=f"{site}: {one.address}",
        why="only what a file can say, and the plan after it proves, is adopted",
        mend=instead,
    )


def personal(key: str, *, typed: bool) -> Problem:
    """`typed`: by who gives the command."""
    return Problem(
        "drift.personal",
        "an e-mail address would get into git",
        key=key,
        found="in --owner or --why" if typed else None,
        why="git forgets nothing: it knows persons by their login alone",
        mend="write a name or a login"
        if typed
        else "name where it is kept with `secret:`, where an option holds it; or exempt it",
    )


def conflict(site: SiteId, one: Moved) -> Problem:
    return Problem(
        "drift.conflict",
        "git asks for something else by now, and drift alone can be exempt",
        key=f"{site}: {one.address}",
        why="an exemption would hide what somebody asked for in git",
        mend=f"wpstate adopt {site} {one.address}, or wpstate revert {site} {one.address}",
    )


def not_sound(site: SiteId, one: Moved, problem: Problem) -> Problem:
    return Problem(
        "drift.no_words",
        "the site's file would not hold with what is on the site",
        key=f"{site}: {one.address}",
        found=f"{problem.slug}: {problem.what}",
        why=problem.why or "it must be sound before anybody reviews it",
        mend=problem.mend or f"wpstate exempt {site} {one.address}",
    )


def not_proven(site: SiteId, one: Moved, off: frozenset[Address]) -> Problem:
    return Problem(
        "drift.no_words",
        "no line was found after which the plan has nothing to do",
        key=f"{site}: {one.address}",
        found=f"still to do: {', '.join(sorted(off)[:8])}",
        why="only what the plan after it proves is adopted",
        mend=f"write it by hand into sites/{site}.yml, or exempt it",
    )
