"""What became of drift: written into a site's file, on which branch, and what is next."""

from collections.abc import Iterable

from wpstate.model.adopted import Moved
from wpstate.model.problem import Problem
from wpstate.model.site import SiteId
from wpstate.model.state import Address, short
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.report.moves import by_whom
from wpstate.report.problems import problem_lines


def drift_lines(
    site: SiteId, done: str, several: Iterable[Moved], left: Iterable[Problem]
) -> Iterable[Line]:
    """`done`: in a word or two what became of each."""
    for one in several:
        asked = short(one.asked) if one.asked else "nobody's"
        span = f"{one.address}  {asked} → {short(one.seen)}"
        yield (
            Part(f"{site}: {span}  "),
            Part(done, Tone.GOOD),
            Part(by_whom(one.author), Tone.FAINT),
        )
    for problem in left:
        yield line()
        yield from problem_lines(problem, label="left")


def written_lines(
    site: SiteId, path: str, put: tuple[str, str | None] | None, unlocked: Iterable[Address]
) -> Iterable[Line]:
    """`put`: on which branch, with which commit; None: into the fleet folder."""
    if put is None:
        yield line(f"Written: {path}")
        yield from _lock(unlocked, "")
        yield line(f"Next: read and commit it, then wpstate plan {site}")
        return
    branch, commit = put
    if commit is None:
        yield line(f"{site}: the base says so already, no branch is needed", Tone.FAINT)
        return
    yield line(f"Branch {branch} ({commit[:7]}): nothing that is checked out was changed")
    yield from _lock(unlocked, "on that branch ")
    yield line(f"Next: git push origin {branch}, and open a pull request")


def _lock(unlocked: Iterable[Address], where: str) -> Iterable[Line]:
    named = ", ".join(unlocked)
    if named:
        yield line(f"Not locked yet: {named}; wpstate lock {where}records the bytes".rstrip())
