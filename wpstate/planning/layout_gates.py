"""Policy tests on a plan that rest on how the site is laid out: what Composer or a deployment puts
in place, WordPress in a folder below its site, a network of sites. Each refuses only the changes
that it cannot bear; observing is never refused.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.planning.host_gates import brings_code
from wpstate.resources.core import VERSION

_RELEASES = "/releases/"
"""Where Capistrano and Deployer keep them; `current` is a link to the newest."""


def layout_refusals(
    desired: DesiredState, observed: ObservedState, changes: tuple[Change, ...]
) -> tuple[Problem, ...]:
    """Every reason in the site's layout not to make these changes."""
    return (
        *whole_site_problems(desired, observed),
        *_composer(observed, changes),
        *_release(observed, changes),
    )


def whole_site_problems(desired: DesiredState, observed: ObservedState) -> Iterable[Problem]:
    """Layouts that no run of this version bears, whatever it changes."""
    if observed.multisite:
        yield Problem(
            "plan.multisite",
            "this version does not change a network of sites",
            key=desired.site.id,
            found="wp-config.php defines MULTISITE",
            why="its plugins, tables and uploads belong to several sites at once",
            mend="none yet; observing works",
        )
    home, core = (_path(url) for url in (observed.home_url, observed.site_url))
    if observed.home_url and observed.site_url and home != core:
        yield Problem(
            "plan.core_subfolder",
            "WordPress is served from a folder below its site",
            key=desired.site.id,
            found=f"siteurl is {observed.site_url}, home is {observed.home_url}",
            why="no look of this version proves wp-admin there, and no change goes unproved",
            mend="none yet; observing works",
        )


def _composer(observed: ObservedState, changes: Iterable[Change]) -> Iterable[Problem]:
    for change in changes:
        name = "core" if change.address == VERSION else str(change.address)
        if brings_code(change) and name.removesuffix(".php") in observed.host.composer:
            yield Problem(
                "plan.composer",
                "Composer installs this code",
                where=change.source,
                key=change.address,
                found=f"composer.lock beside the site names {name}",
                why="its next install would undo the change",
                mend="change it in composer.json, and say `managed_by: composer` of it here",
            )


def _release(observed: ObservedState, changes: Iterable[Change]) -> Iterable[Problem]:
    wp = observed.paths.wp if observed.paths else ""
    for change in changes:
        if brings_code(change) and _RELEASES in f"{wp}/":
            yield Problem(
                "plan.release",
                "a deployment puts this code in place",
                where=change.source,
                key=change.address,
                found=f"the site runs from {wp}",
                why="its next release would come without the change",
                mend="change it in what is deployed, or name the component `unmanaged`",
            )


def _path(url: str | None) -> str:
    return urlsplit(url or "").path.rstrip("/")
