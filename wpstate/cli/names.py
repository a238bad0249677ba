"""Completes names at the shell's prompt: sites from file names, keys from composed desired state.

Nothing here reaches a network, and a fleet that is off completes to nothing.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from wpstate.model.problem import WpstateError


def site_names(ctx: click.Context, _param: click.Parameter, typed: str) -> list[str]:
    """Sites of the fleet that begin as typed, without those named already."""
    named = ctx.params.get("sites") or ctx.params.get("targets") or ()
    return [name for name in _beginning(typed, _sites(ctx)) if name not in named]


def files(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Leaves the shell to complete names of files."""
    return [CompletionItem(typed, type="file")]


def sites_and_files(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Sites that begin as typed, and plan files."""
    return [*map(CompletionItem, site_names(ctx, param, typed)), *files(ctx, param, typed)]


def causes_and_sites(ctx: click.Context, param: click.Parameter, typed: str) -> list[str]:
    """Causes that last, and sites, that begin as typed."""
    return [*_beginning(typed, _causes(ctx)), *site_names(ctx, param, typed)]


def components(ctx: click.Context, _param: click.Parameter, typed: str) -> list[str]:
    """What the catalog approves that begins as typed, without what is named already."""
    named = ctx.params.get("names") or ()
    return [name for name in _beginning(typed, _components(ctx)) if name not in named]


def keys(ctx: click.Context, _param: click.Parameter, typed: str) -> list[str]:
    """Addresses that the fleet manages, and every one's whole kind."""
    return list(_beginning(typed, _keys(ctx)))


def _beginning(typed: str, names: Iterable[str]) -> Iterator[str]:
    return (name for name in sorted(set(names)) if name.startswith(typed))


def _sites(ctx: click.Context) -> Iterator[str]:
    from wpstate.wiring import Wiring

    try:
        with Wiring(_fleet(ctx)) as wired:
            folder = wired.fleet_folder / "sites"
    except WpstateError:
        return
    yield from (file.stem for file in folder.glob("*.yml"))


def _components(ctx: click.Context) -> Iterator[str]:
    from wpstate.desired.parts import take_apart
    from wpstate.resources.catalog import PACKAGES
    from wpstate.wiring import Wiring

    try:
        with Wiring(_fleet(ctx)) as wired:
            catalog = take_apart(wired.texts()).catalog
    except WpstateError:
        return
    if catalog is None:
        return
    yield from ("core",) if catalog.core else ()
    for kind in PACKAGES:
        yield from catalog.entries(kind)


def _causes(ctx: click.Context) -> Iterator[str]:
    from wpstate.wiring import Wiring

    try:
        with Wiring(_fleet(ctx)) as wired:
            told = wired.notices().told(wired.fleet().name) if wired.keeps_here else None
    except WpstateError:
        return
    yield from (each.trouble.cause for each in (told.lasting if told else ()))


def _keys(ctx: click.Context) -> Iterator[str]:
    from wpstate.model.state import kind_of
    from wpstate.wiring import Wiring

    try:
        with Wiring(_fleet(ctx)) as wired:
            fleet = wired.fleet()
    except WpstateError:
        return
    for site in fleet.sites:
        for managed in site.managed:
            yield managed.address
            yield f"{kind_of(managed.address)}.*"


def _fleet(ctx: click.Context) -> Path | None:
    folder: Path | None = ctx.params.get("fleet_folder")
    return folder
