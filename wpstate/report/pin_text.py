"""Which versions are proposed to stay, and on which branch."""

from collections.abc import Iterable

from wpstate.model.pin import Pin
from wpstate.model.state import short
from wpstate.report.lines import Line, Part, Tone, line

NOTHING = "Nothing that git asks for was rolled back."


def pin_lines(several: Iterable[Pin], branch: str, commit: str | None) -> Iterable[Line]:
    """`commit`: None where the branch's base says all of it already."""
    for pin in several:
        yield (
            Part(f"{pin.site}: {pin.address}  {short(pin.refused)} → {short(pin.seen)}  "),
            Part(pin.why, Tone.FAINT),
        )
    if commit is None:
        yield line("  the base says so already, no branch is needed", Tone.FAINT)
        return
    yield line(f"Branch {branch} ({commit[:7]}): nothing that is checked out was changed")
    yield line(f"Next: git push origin {branch}, and open a pull request")
