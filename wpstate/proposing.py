"""Joins git to plans of proposed changes, with adapters as in wiring, but of the base revision, to
looks back, and to proposals of our own. What lies in the working tree, which may be the proposal's,
is never read.
"""

import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wpstate.model.problem import Refused
from wpstate.model.secret import references_in
from wpstate.wiring import Wiring

if TYPE_CHECKING:
    from wpstate.adapters.artifacts import FolderArtifactStore
    from wpstate.adapters.fleet_branches import FleetBranches
    from wpstate.adapters.git_fleet import GitFleet
    from wpstate.adapters.kept_files import FleetFiles
    from wpstate.model.desired import Artifact, Fleet
    from wpstate.model.plan import Plan
    from wpstate.model.proposal import Proposal
    from wpstate.model.site import SiteId
    from wpstate.model.then import Then
    from wpstate.ports import Author, Progress
    from wpstate.workflows.propose import Compared


def propose(
    fleet_folder: Path | None, base: str, head: str, progress: "Progress | None" = None
) -> "tuple[Proposal, Fleet]":
    """What merging `head` into `base` would do (workflows.propose), and of the fleet as it then is
    the sites that were composed for it. The plan is kept: a merge may agree to it."""
    from wpstate.adapters.git_fleet import GitFleet
    from wpstate.adapters.git_objects import GitObjects
    from wpstate.adapters.site_index import FileIndex
    from wpstate.workflows.propose import compared
    from wpstate.workflows.propose import propose as proposed

    here = Wiring(fleet_folder)
    with GitObjects(here.fleet_folder) as objects:
        history = GitFleet(objects, here.fleet_folder)
        index = FileIndex(here.home / "site-words.json")
        found = compared(history, index, base, head, here.clock.now().date())
        with tempfile.TemporaryDirectory(prefix="wpstate-base-") as folder:
            _write(_needed(history, found), Path(folder))
            based = BasedWiring(Path(folder), progress, fleet=found.base)
            with based:
                made = proposed(found, based.plan_of)
    if made.plan.sites:
        here.shown_plans().keep(made.plan, here.clock.now(), proposed=True)
    return made, found.head


def looking_back(fleet_folder: Path | None, when: str, site: str) -> "Then":
    """What was asked of a site at a revision or by a moment (workflows.then)."""
    from wpstate.adapters.git_fleet import GitFleet
    from wpstate.adapters.git_objects import GitObjects
    from wpstate.workflows.then import at

    with Wiring(fleet_folder) as here, GitObjects(here.fleet_folder) as objects:
        history = GitFleet(objects, here.fleet_folder)
        return at(history, here.ledger(), when, site, here.clock.now())


@contextmanager
def fleet_branches(fleet_folder: Path) -> "Iterator[tuple[FleetBranches, Author]]":
    """Where changes are proposed, and whom git takes its user for."""
    from wpstate.adapters.fleet_branches import FleetBranches
    from wpstate.adapters.git_writing import GitWriting

    with GitWriting(fleet_folder) as repository:
        yield FleetBranches(repository, fleet_folder), repository.person()


class BasedWiring(Wiring):
    """Hosts, secrets, feeds and bytes as the base says."""

    def plan_of(self, fleet: "Fleet", names: "tuple[SiteId, ...]") -> "Plan":
        from wpstate.planning.build import build
        from wpstate.workflows.plan import make_plan

        if not names:
            now = self.clock.now()
            plan_id = f"p-{secrets.token_hex(6)}"
            return build(plan_id, fleet.name, (), revision=None, dirty=False, now=now)
        return make_plan(
            fleet,
            names,
            observer=self.visiting_observer(),
            revisions=_NoRevision(),
            clock=self.clock,
            facts=self.facts() if fleet.facts else None,
        )

    def kept_files(self) -> "FleetFiles":
        from wpstate.adapters.kept_files import FleetFiles

        named = (m.artifact for d in self.fleet().sites for m in d.managed if m.artifact)
        known = frozenset((*self.fleet().approved, *named))
        return FleetFiles(
            self.fleet_folder, lambda: _Known(self.artifacts, known), self.fleet().approved
        )


class _NoRevision:
    def current(self) -> tuple[str | None, bool]:
        return None, False


class _Known:
    """Fetches what the base names: a proposal may name an address of its own."""

    def __init__(
        self, store: "Callable[[], FolderArtifactStore]", known: "frozenset[Artifact]"
    ) -> None:
        self._store = store
        self._known = known

    def fetch(self, artifact: "Artifact") -> Path:
        if artifact not in self._known:
            raise Refused(())
        return self._store().fetch(artifact)


def _needed(history: "GitFleet", found: "Compared") -> Iterator[tuple[str, bytes]]:
    """Files of the base that looking at the changed sites reads: kept copies, vaults."""
    commit = found.trees[0].commit
    for desired in found.base.sites:
        if desired.site.id in found.changed:
            yield from history.files_below(commit, f"theme-files/{desired.site.id}").items()
    for path in sorted(set(_vaults(found.base))):
        yield from history.files_below(commit, path).items()


def _vaults(fleet: "Fleet") -> Iterable[str]:
    for desired in fleet.sites:
        headers = (header.secret for header in desired.policy.look_headers)
        for reference in (*references_in(desired.questions), *headers):
            if reference.source == "vault":
                yield reference.name.rpartition("#")[0]


def _write(files: Iterable[tuple[str, bytes]], folder: Path) -> None:
    for path, data in files:
        to = (folder / path).resolve()
        if to.is_relative_to(folder.resolve()):
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(data)
