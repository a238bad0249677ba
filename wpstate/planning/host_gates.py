"""Policy tests on a plan that rest on the site's host: whose files they are, who else puts code
there, what loads a plugin before WordPress does, and what the planned versions require.

What only doing can show is left to planning.fitness.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from wpstate.model.change import Action, Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.state import Address, kind_of, name_of
from wpstate.resources.registry import KIND, KINDS
from wpstate.resources.versions import compare


def host_refusals(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]
) -> tuple[Problem, ...]:
    """Every reason on the host not to make these changes."""
    return (
        *account_problems(desired, observed),
        *_checkouts(observed, changes),
        *_links(observed, changes),
        *_loaders(observed, changes),
        *_requirements(observed, changes),
    )


def account_problems(desired: DesiredState, observed: ObservedState) -> Iterable[Problem]:
    """Root, or somebody who does not own the site's files."""
    host, site = observed.host, desired.site
    if host.uid == 0 and not site.host.allow_root:
        yield Problem(
            "plan.root",
            "changes would be made as root",
            key=site.id,
            found=f"{site.host.account} is uid 0",
            why="WordPress and its plugins run in a change, and root's files are not the site's",
            mend=f"run_as: {host.owner or 'OWNER'} in hosts.yml, or allow_root: true",
        )
    elif host.uid and host.owner_uid is not None and host.uid != host.owner_uid:
        yield Problem(
            "plan.owner",
            "changes would not be made by the owner of the site's files",
            key=site.id,
            found=f"uid {host.uid}, wp-load.php is {host.owner or 'somebody'}'s "
            f"(uid {host.owner_uid})",
            why="new files would have another owner, and a rollback could not put the old one back",
            mend=f"run_as: {host.owner or 'OWNER'} in hosts.yml",
        )


def _checkouts(observed: ObservedState, changes: Iterable[Change]) -> Iterable[Problem]:
    paths = observed.paths
    apart = tuple(f"{kind.folder(paths)}/" for kind in KINDS if kind.packaged) if paths else ()
    for change in changes:
        package = _package_folder(observed, change)
        for folder in observed.host.checkouts:
            is_sites = paths is not None and not folder.startswith(apart)
            if brings_code(change) and (is_sites or folder == package):
                yield Problem(
                    "plan.checkout",
                    "version control owns this code",
                    where=change.source,
                    key=change.address,
                    found=f"{folder} is a checkout",
                    why="its next deployment would undo the change, or stop at it",
                    mend="change it in that repository, or name the component `unmanaged`",
                )
                break


def _links(observed: ObservedState, changes: Iterable[Change]) -> Iterable[Problem]:
    for change in changes:
        package = _package_folder(observed, change)
        kind = kind_of(change.address)
        for link in observed.host.links:
            name = PurePosixPath(link).name
            shared = name in ("wp-admin", "wp-includes") if kind == "core" else name == kind
            if brings_code(change) and (shared or (package is not None and link == package)):
                yield Problem(
                    "plan.link",
                    "this code lies elsewhere, behind a link",
                    where=change.source,
                    key=change.address,
                    found=f"{link} is a link",
                    why="other sites may run the same files, and nobody froze them",
                    mend="put the folder itself in the link's place, or name it `unmanaged`",
                )
                break


def _loaders(observed: ObservedState, changes: Iterable[Change]) -> Iterable[Problem]:
    for change in changes:
        if change.action is not Action.DELETE or kind_of(change.address) != "plugins":
            continue
        for loader in observed.host.loaders:
            if loader.slug == name_of(change.address):
                yield Problem(
                    "plan.loader",
                    "something loads this plugin before WordPress does",
                    where=change.source,
                    key=change.address,
                    found=f"{loader.loaded_by} names it",
                    why="with the plugin gone every page would fail, or run its leftovers for ever",
                    mend="ask for `inactive` first: a plugin takes its own loader away when it is "
                    "deactivated; else remove the loader by hand",
                )
                break


def _requirements(observed: ObservedState, changes: tuple[Change, ...]) -> Iterable[Problem]:
    core = Address("core.version")
    planned = next((c.after.version for c in changes if c.address == core), None)
    wordpress = planned or observed.state(core).version
    for change in changes:
        artifact = change.artifact
        if artifact is None:
            continue
        asked = (
            ("plan.requires_php", "PHP", artifact.requires_php, observed.php_version),
            ("plan.requires_wp", "WordPress", artifact.requires_wp, wordpress),
        )
        for slug, what, required, there in asked:
            if required and there and compare(there, required) < 0:
                yield Problem(
                    slug,
                    "the planned version requires more than the host has",
                    where=change.source,
                    key=change.address,
                    found=f"{artifact.version} requires {what} {required}, here is {there}",
                    why="it would fail, or WordPress would refuse to activate it",
                    mend=f"ask for an older version, or raise {what} first",
                )


def brings_code(change: Change) -> bool:
    """Or takes code away."""
    is_code = KIND[kind_of(change.address)].is_code
    return change.artifact is not None or (is_code and change.action is Action.DELETE)


def _package_folder(observed: ObservedState, change: Change) -> str | None:
    kind = KIND[kind_of(change.address)]
    if not kind.packaged or observed.paths is None:
        return None
    return f"{kind.folder(observed.paths)}/{name_of(change.address)}"
