"""What every kind of resource brings: one module per kind, a class of its own on top of `Kind`.

Merging layers is left to desired.layers, comparing to planning.compare; a kind sees only what the
layers come to and what the probe answered. Nobody outside asks which kind something is: what sets
one kind apart from the others stands here as a method or a fact that it may override.
"""

from collections.abc import Iterable, Mapping, Sequence

from wpstate.model.adopted import Words
from wpstate.model.change import Change, Follow
from wpstate.model.desired import Artifact, DesiredState, LeftAlone, Managed
from wpstate.model.facts import Part
from wpstate.model.identity import Identity
from wpstate.model.imported import Written
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState, Paths
from wpstate.model.own_files import OwnFiles
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.shipped import Shipped
from wpstate.model.state import Address, Json, State
from wpstate.resources.catalog import Catalog
from wpstate.resources.file_words import quoted, writable
from wpstate.resources.kind_looks import Looking
from wpstate.resources.said import Parsed, Said

NOTHING_YET = "nothing-yet"
"""A name in `adopts` of what is nowhere there, so that the probe tells what is in its place."""


class Kind(Looking):
    """One kind of resource. The defaults are those of a kind that is set inside WordPress."""

    name: str
    """The key in fleet files, the first part of addresses, and the name of its role: `plugins`."""
    short_form: str | None = None
    """The key that `kind: word` is short for, where that may be written: core's `version`."""
    reads_beside: Mapping[str, str | None] = {}
    """Other keys of a file that speak of the same things, each with the key that a bare list there
    is short for: `admins: [agency]` is admins.only. What stands there comes as `admins/only`, also
    where it is another kind's own key."""
    each_apart: bool = False
    """What a key comes to follows from its own words and the catalog alone: it reads nothing
    beside, and `parse_desired` may be given one key at a time."""
    lists_unmanaged: bool = False
    """Plans show what was observed and nobody named."""
    tells_unnamed: bool = False
    """It tells drift of what nobody named: an administrator whom nobody lists."""
    orders_values: bool = False
    """Its values are numbers that only grow: a smaller one is a downgrade."""
    in_wordpress: bool = True
    """Its changes are made by roles/NAME/files/in_wordpress.php, in the one start of WordPress
    that a run makes. False: a role of its own makes them, without WordPress."""
    is_code: bool = False
    """Its resources are files that WordPress runs, which somebody else may put in place."""
    decides_own: bool = False
    """What `decided` says of its own named resources takes the place of what `parse_desired` did:
    which bytes they are follows from what is on the site."""
    packaged: bool = False
    """Each is a folder of code that comes as a zip and is swapped in by the role `packages`."""
    probe_needs: tuple[str, ...] = ()
    """Files of playbooks/files that its part of the probe shares with those who change a site."""
    touches: tuple[str, ...] = ()
    """Tables of WordPress itself that its changes write, without their prefix."""

    stays_with: str = "its value lies in tables where others have written since"
    """Why no rollback puts back one of its resources alone; empty where one does (`own_files`)."""
    adopts: str = ""
    """What an import writes into its draft of a site file, so that the probe tells of all that it
    then writes down. Its words are what a well-kept site would have."""

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """Lines of a site file that ask for what was seen, each by itself; `follow` the catalog
        where it approves just that version. What a kind cannot put into words stays unmanaged, and
        is told at the file's end. A line that needs bytes names them (`Copy`)."""
        for address, state in observed.resources if self.adopts else ():
            value = state.value
            if address.startswith(f"{self.name}.") and state.present and writable(value):
                name = address.removeprefix(f"{self.name}.")
                yield Written((self.name, name), quoted(value), (address,))

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        """Words that ask for one resource as somebody left it there; else what to do instead."""
        return "no words of a site's file ask for this: put it back, or exempt it"

    def is_weak_point(self, address: Address) -> bool:
        """Whether an audit tells it as weak where it is not as `adopts` has it."""
        return False

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        """Desired resources from the merged keys below `name`, with all problems. Never raises."""
        raise NotImplementedError

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        """What probe/kinds/NAME.php is asked about one site, of whose resources those of this kind
        are given; None where the probe need not look."""
        return None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        """Observed resources from the probe's whole answer about one site, which its schema (and
        for `seen["kinds"][NAME]` schemas/kinds/NAME.observed.schema.json) has passed."""
        return ()

    def can_change(self, managed: Managed, seen: State) -> bool:
        """Whether a difference may become a change; otherwise it is told as drift."""
        return managed.applies and (seen.present or managed.creates)

    def is_ours(self, managed: Managed, seen: State) -> bool:
        """Whether a run put there what is seen, though git's words for it are the same today: then
        it was not the site that moved."""
        return False

    def own_files(self, name: str, observed: ObservedState) -> OwnFiles | None:
        """What a rollback of this one resource puts back; None where nobody can tell."""
        return None

    def shipped(self, observed: ObservedState, catalog: Catalog) -> Iterable[Shipped]:
        """Its folders on a site that should hold what a zip held, of what the catalog names."""
        return ()

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        """Why nothing that wpstate may do on this host makes this difference go, and whom to ask
        for what, in a sentence; None where a change can be planned."""
        return None

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        """Reasons not to make these changes, all of this kind and at least one."""
        return ()

    def decided(self, desired: DesiredState, observed: ObservedState) -> Iterable[Managed]:
        """Resources that nobody named and a rule decides about, now that the site was seen.
        Deciding again of what was decided must come to the same."""
        return ()

    def conflicts(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        """Reasons not to leave the site as these changes, of all kinds or none at all, make it."""
        return ()

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        """What a plan shows beside the comparison, whether anything changes or not. It stands in
        the place of `not in desired state`."""
        return ()

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        """How the site's own records name one of its resources (resources.events): as its address,
        or for example as `posts.12` where it is what that post holds."""
        return (str(address),)

    def identities(self, observed: ObservedState) -> Mapping[Address, Identity]:
        """Who its resources say they are, where they are code that names its author."""
        return {}

    def told_of(self, change: Change, observed: ObservedState) -> tuple[str, ...]:
        """Sentences below one of its changes in a plan: what it takes, what cannot be undone."""
        return ()

    def follows(
        self, change: Change, desired: DesiredState, observed: ObservedState
    ) -> Iterable[Follow]:
        """What a change of any kind brings about among the resources of this one: new code of a
        plugin, that its data is migrated. Its role is told of it as of a change of its own."""
        return ()

    def under_way(self, managed: Managed, seen: State, observed: ObservedState) -> str | None:
        """What the site itself does until it is as asked, in a sentence; None where nobody does,
        and a difference is to be changed."""
        return None

    def is_personal(self, address: Address) -> bool:
        """Whether its value is about a person, such as an e-mail address: masked wherever a plan or
        an observation leaves as JSON or Markdown."""
        return False

    def in_feeds(
        self,
        name: str,
        version: str,
        artifact: Artifact | None,
        observed: ObservedState | None,
    ) -> tuple[Part, ...]:
        """What feeds of facts call one of its resources at this version (`Part`); none where they
        do not speak of it, or nobody can tell which of theirs it is. `observed`: the site, where
        it was seen."""
        return ()

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        """What its role, or its part of the one start of WordPress, is told. JSON values alone;
        empty where that has nothing to do."""
        return {
            "changes": [
                {
                    "name": str(change.address).partition(".")[2],
                    "before": _state(change.before),
                    "after": _state(change.after),
                    "besides": dict(change.besides),
                }
                for change in changes
            ]
        }

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        """Files and folders (ended by a slash) that these changes may touch: below the WordPress
        folder, or absolute where content lies elsewhere."""
        return ()

    def planned_globs(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        """The same as patterns (`*` within a folder), where nobody knows each name before."""
        return ()

    def folder(self, paths: Paths) -> str:
        """Where its packages lie, each in a folder of its name. For a kind that is `packaged`."""
        raise NotImplementedError

    def main_file(self, name: str, observed: ObservedState) -> str | None:
        """The file that WordPress knows a package by, below `folder`; None where none is known."""
        return None

    def single_file(
        self, change: Change, artifact: Artifact, files: Sequence[str] | None
    ) -> str | None:
        """The one file that a new package is installed as; None for a folder, as is usual.
        `files`: what its zip holds, below the top folder."""
        return None


def _state(state: State) -> Json:
    return {
        "present": state.present,
        "version": state.version,
        "active": state.active,
        "value": state.value,
    }
