"""Joins an urgent patch (workflows.patch) to adapters, as wiring does for other commands."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wpstate.model.problem import WpstateError
from wpstate.wiring import Wiring

if TYPE_CHECKING:
    from wpstate.model.desired import Fleet
    from wpstate.model.mandate import Mandate
    from wpstate.model.patch import Patching
    from wpstate.model.plan import Plan
    from wpstate.model.run import Run
    from wpstate.planning.rollout import Pair
    from wpstate.workflows.lock import LockedVersion
    from wpstate.workflows.patch import Hurry


class PatchWiring(Wiring):
    def patch(
        self,
        slug: str,
        version: str | None,
        hurry: "Hurry",
        mandate: "Mandate | None",
        *,
        told: "Callable[[Run], None]",
        at_once: int,
    ) -> "Patching":
        """`version`: None switches it off. Without a mandate nothing is changed."""
        from wpstate.desired.overtaken import overtaken
        from wpstate.desired.parts import take_apart
        from wpstate.model.patch import Patching
        from wpstate.planning.patch import brought
        from wpstate.resources.catalog import Catalog
        from wpstate.workflows.apply_plan import Several
        from wpstate.workflows.patch import patch_sites
        from wpstate.workflows.patch_bytes import patch_to, switched_off

        fleet = self.fleet()
        parts = take_apart(self.texts())
        catalog = parts.catalog or Catalog()
        identity, locked = None, None
        if version is None:
            patch = switched_off(slug)
        else:
            patch, identity, locked = patch_to(slug, version, catalog, self.artifacts())
        sites, halted = patch_sites(
            fleet,
            patch,
            identity,
            self.tools(),
            self._compared,
            hurry,
            mandate=mandate,
            told=told,
            # Workers carry out what their own files ask for, and no file asks for this yet.
            several=Several(self.processes(), at_once),
            facts=self.facts() if fleet.facts else None,
        )
        done = Patching(
            plugin=slug,
            version=version,
            sha256=locked.sha256 if locked else None,
            sites=sites,
            halted=halted,
            follow_up=overtaken(parts, patch, brought(sites)),
        )
        return self._proposed(done, locked, mandate) if mandate and done.follow_up else done

    def _proposed(
        self, done: "Patching", locked: "LockedVersion | None", mandate: "Mandate"
    ) -> "Patching":
        """With the follow-up as a branch. What was patched is patched, whatever hinders that."""
        from wpstate.adapters.fleet_branches import FleetBranches
        from wpstate.adapters.git_writing import GitWriting
        from wpstate.workflows.patch_branch import patch_branch

        if self.revisions().current()[0] is None:
            return done
        try:
            with GitWriting(self.fleet_folder) as repository:
                branches = FleetBranches(repository, self.fleet_folder)
                texts, today = branches.texts("HEAD"), self.clock.now().date()
                author = repository.person()
                theirs = branches.shared("HEAD")
                change = patch_branch(texts, done, locked, mandate, author, today, theirs)
                return replace(done, branch=branches.write("HEAD", change).branch)
        except WpstateError as error:
            return replace(done, unwritten=tuple(error.problems))

    def _compared(self, fleet: "Fleet", pairs: "Sequence[Pair]", only: tuple[str, ...]) -> "Plan":
        from wpstate.model.facts import Known
        from wpstate.planning.affected import parts_of
        from wpstate.planning.build import build

        now = self.clock.now()
        known = Known(at=now)
        if fleet.facts:
            facts, parts = self.facts(), {part for pair in pairs for part in parts_of(*pair)}
            known = facts.known(parts, now)
        revision, dirty = self.revisions().current()
        return build(
            f"p-{secrets.token_hex(6)}",
            fleet.name,
            pairs,
            revision=revision,
            dirty=dirty,
            now=now,
            only=only,
            known=known,
        )
