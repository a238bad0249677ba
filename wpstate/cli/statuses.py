"""`--status` of `wpstate reconcile`: the forge is told at the commit how its sites are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from wpstate.cli.options import Decorator

if TYPE_CHECKING:
    from wpstate.model.reconciled import Pass
    from wpstate.wiring import Wiring

FORGES = ("github", "gitlab", "notes")


def status_options(command: Callable[..., Any]) -> Callable[..., Any]:
    status: Decorator = click.option(
        "--status",
        "forge",
        type=click.Choice(FORGES),
        help="Tell the forge at the commit what became of it, ring by ring: through `gh`, through "
        "`glab`, or as notes of git.",
    )
    link: Decorator = click.option(
        "--status-link", metavar="URL", help="Where whoever reads it finds more."
    )
    return status(link(command))


def status_words(forge: str | None, link: str | None) -> tuple[str, ...]:
    """As a service hands them to each of its passes."""
    told = ("--status", forge) if forge else ()
    return (*told, "--status-link", link) if link else told


def tell_forge(wired: "Wiring", done: "Pass", forge: str | None, link: str | None) -> None:
    """Raises Failed (`forge.untold`). Says nothing where no commit is known."""
    if forge is None:
        return
    from wpstate.planning.statuses import statuses

    commit, _ = wired.revisions().current()
    if commit is not None and done.sites:
        told = statuses(wired.fleet().name, done)
        wired.forge(forge).tell(commit, told, address=link)
