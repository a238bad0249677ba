"""What a version needs of the sites that follow it, and what its authors tried it with."""

from collections.abc import Iterator, Sequence

from wpstate.model.bump import Component, Release
from wpstate.planning.version_steps import branch_of
from wpstate.resources.versions import compare

_MOST_NAMED = 3


def lacking(
    component: Component, requires_wp: str | None, requires_php: str | None
) -> Iterator[str]:
    """What sites that follow have too little of."""
    asking = [use for use in component.uses if not use.pinned]
    running = (
        ("WordPress", requires_wp, [(use.site, use.wordpress) for use in asking]),
        ("PHP", requires_php, [(use.site, use.php) for use in asking]),
    )
    for said, needs, of_sites in running:
        lack = [(site, has) for site, has in of_sites if needs and has and compare(has, needs) < 0]
        if lack:
            yield f"needs {said} {needs}, {_sites(lack)}"


def is_untested(release: Release, wordpress: str | None) -> bool:
    if not release.tested or not wordpress:
        return False
    return compare(branch_of(release.tested), branch_of(wordpress)) < 0


def _sites(lack: Sequence[tuple[object, str | None]]) -> str:
    told = ", ".join(f"{site} has {has}" for site, has in lack[:_MOST_NAMED])
    more = len(lack) - _MOST_NAMED
    return f"{told} and {more} more sites lack it" if more > 0 else told
