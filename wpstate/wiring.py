"""Joins adapters to workflows. Adapters are built here, in reaching for hosts and
in stores for what this machine keeps; what the environment says is left to surroundings.
"""

import socket
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from wpstate.adapters.controller_process import account
from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.model.authority import Authority
from wpstate.model.problem import Problem, UsageError
from wpstate.ports import Progress
from wpstate.reaching import Both, Reaching
from wpstate.workflows.tools import Tools

_NO_DATABASE = Problem(
    "usage.worker",
    "no database is named that machines could share",
    found="WPSTATE_DATABASE is not set",
    why="workers take their runs from a PostgreSQL",
    mend="WPSTATE_DATABASE=postgresql://USER:PASSWORD@HOST:PORT/NAME",
)

if TYPE_CHECKING:
    from wpstate.adapters.run_server import RunServer
    from wpstate.adapters.site_processes import SiteProcesses
    from wpstate.adapters.site_queue import SiteQueue
    from wpstate.model.imported import Imported, Place
    from wpstate.model.plan import Plan
    from wpstate.ports import Forge
    from wpstate.workflows.apply_plan import Several
    from wpstate.workflows.deep_look import LookDeep
    from wpstate.workflows.reconcile import Healed


class Wiring(Reaching):
    """Adapters for one command, built when first asked for, closed at its end."""

    playbook_server: socket.socket | None = None
    """Of adapters.ansible_start.begin_shim, where who started this process has one."""

    def plan(
        self,
        names: tuple[str, ...],
        *,
        only: tuple[str, ...] = (),
        heal_all: bool = False,
        healed: "Healed | None" = None,
        deep: bool = False,
        deep_where_due: bool = False,
    ) -> "Plan":
        """Observe the named sites now and compare (workflows.plan.make_plan). `deep`: each file of
        all of them, `deep_where_due`: of those whose time for it has come."""
        from wpstate.workflows.plan import make_plan

        return make_plan(
            self.fleet(),
            names,
            observer=self.visiting_observer(),
            revisions=self.revisions(),
            clock=self.clock,
            only=only,
            heal_all=heal_all,
            healed=healed or {},
            facts=self.facts() if self.fleet().facts else None,
            look_deep=self.deep_look(all_sites=deep, where_due=deep_where_due),
            backups=self.backup_history(),
        )

    def with_authority(self, plan: "Plan", approved_by: tuple[str, ...]) -> "Plan":
        """`plan`, with whose word it is applied on: the revision's that it was made at."""
        from wpstate.planning.approved import plan_digest
        from wpstate.planning.authority import approvers_of, author_of

        words = self.revisions().words(plan.revision) if plan.revision else None
        return replace(
            plan,
            sites=tuple(replace(each, shown=None) for each in plan.sites),  # a file may say so
            authority=Authority(
                digest=plan_digest(plan),
                author=author_of(*words) if words else None,
                approvers=approvers_of(words[0].message if words else "", approved_by),
            ),
        )

    def forge(self, name: str) -> "Forge":
        from wpstate.adapters.forges import GitHub, GitLab, GitNotes

        if name == "github":
            return GitHub(self.fleet_folder)
        if name == "gitlab":
            return GitLab(self.fleet_folder, self.branch)
        return GitNotes(self.fleet_folder)

    def plan_regardless(self, names: tuple[str, ...]) -> "Plan":
        """As `plan`, whosever turn it is: what people are to agree to, which rings then spread."""
        from wpstate.workflows.plan import make_plan

        return make_plan(
            replace(self.fleet(), rings=()),
            names,
            observer=self.visiting_observer(),
            revisions=self.revisions(),
            clock=self.clock,
            facts=self.facts() if self.fleet().facts else None,
        )

    def plan_of_pass(
        self, names: tuple[str, ...], *, only: tuple[str, ...] = (), healed: "Healed"
    ) -> "Plan":
        """As `plan`, for a pass over the fleet."""
        return self.plan(names, only=only, healed=healed, deep_where_due=True)

    def deep_look(self, *, all_sites: bool = False, where_due: bool = False) -> "LookDeep":
        from wpstate.desired.parts import take_apart
        from wpstate.resources.catalog import Catalog
        from wpstate.workflows.deep_look import Deep, look_deep

        return partial(
            look_deep,
            which=Deep.ALL if all_sites else Deep.DUE if where_due else Deep.NONE,
            catalog=lambda: take_apart(self.texts()).catalog or Catalog(),
            observer=self.probe(),
            hashes=self.artifacts,
            looks=self.deep_looks(),
            clock=self.clock,
        )

    def import_site(self, place: "Place", *, follow: bool) -> "Imported":
        """One more site for the fleet (workflows.import_site). The fleet's files are read anew."""
        from wpstate.workflows.import_site import import_site

        return import_site(
            self.texts(),
            place,
            self.visiting_observer(),
            self._shells,
            follow=follow,
            now=self.clock.now(),
            facts=self.facts() if self.fleet().facts else None,
            hashes=self.artifacts(),
        )

    def several(self, at_once: int, *, here: bool = False) -> "Several":
        """Runs beside each other, each in a process of its own, wherever workers are; `here`: what
        a person decided, which no worker could believe."""
        from wpstate.workflows.apply_plan import Several

        if self._database_url is None or here:
            from wpstate.adapters.this_machine import machine_of

            return Several(self.processes(), at_once, machine_of=machine_of)
        from wpstate.adapters.queued_runs import QueuedRuns

        queue = self.queue()
        queue.prepare()  # once, and not as the end of each run
        runs = QueuedRuns(queue, self.ledger(), self.clock, self._progress)
        return Several(runs, at_once, elsewhere=True)

    def anew(self) -> "Wiring":
        """The same surroundings, for the fleet's files as they are by now."""
        now = Wiring(self.fleet_folder, self._progress, attended=self._attended)
        now.database = self.database
        return now

    def queue(self) -> "SiteQueue":
        """Raises UsageError (`usage.worker`)."""
        if self._database_url is None:
            raise UsageError([_NO_DATABASE])
        from wpstate.adapters.postgres import PostgresDatabase
        from wpstate.adapters.site_queue import SiteQueue

        assert isinstance(self.database, PostgresDatabase)
        return SiteQueue(self.database, self.fleet().name)

    def processes(self, also: Progress | None = None) -> "SiteProcesses":
        """`also`: who else hears what happens in them."""
        from wpstate.adapters.site_processes import SiteProcesses

        heard = self._progress if also is None else Both(self._progress, also)
        folder = str(self.fleet_folder.resolve())
        return SiteProcesses(folder, heard, self._run_server, attended=self._attended)

    @cached_property
    def _run_server(self) -> "RunServer":
        from wpstate.adapters.run_server import RunServer

        server = RunServer(self.withheld_variables)
        self._open.callback(server.close)
        return server

    def tools(self) -> Tools:
        """All that a run on a site needs."""
        from wpstate.adapters.ansible import AnsiblePlaybooks
        from wpstate.adapters.ansible_files import Connection
        from wpstate.adapters.cache_requests import HttpCacheSender
        from wpstate.adapters.hideaway import SshHideaway
        from wpstate.adapters.http import HttpVisitor
        from wpstate.adapters.leftovers import SshLeftovers
        from wpstate.adapters.safety_net import SshSafetyNet
        from wpstate.adapters.trial import SshTrial

        connection = Connection(known_hosts=self._pins, key_file=self._key_file)
        attended = self._attended
        return Tools(
            observer=self.observer(),
            open_net=lambda site, seen: SshSafetyNet(
                site, seen, self._shells.of(site.host), attended=attended
            ),
            open_leftovers=lambda site: SshLeftovers(site, self._shells.of(site.host)),
            open_trial=lambda site, seen: SshTrial(
                site, seen, self._shells.of(site.host), self._shells.send_file
            ),
            open_hideaway=lambda site, seen: SshHideaway(site, seen, self._shells.of(site.host)),
            playbooks=AnsiblePlaybooks(
                connection,
                self._shells,
                secrets=self._secrets,
                wait_for_turn=self._shells.let_another_in,
                server=self.playbook_server,
            ),
            visitor=HttpVisitor(),
            visitor_at=lambda address: HttpVisitor(connect_to=address),
            cache_sender=HttpCacheSender(),
            secrets=self._secrets,
            artifacts=self.artifacts(),
            ledger=self.ledger(),
            clock=self.clock,
            progress=self._progress,
            interrupts=INTERRUPTS,
            attended=attended,
            controller=f"{account()}@{socket.gethostname()}",
        )
