"""What plugins and themes have in common: a folder of code that comes as a zip, and the words for
what it must be. What sets them apart stands in their own modules.

Which bytes a version is, is left to resources.catalog; swapping folders to the role `packages`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState, LeftAlone, Managed
from wpstate.model.facts import Part
from wpstate.model.imported import Written
from wpstate.model.node import Map, Text
from wpstate.model.observed import ObservedState
from wpstate.model.own_files import OwnFiles
from wpstate.model.plan import Noted
from wpstate.model.problem import Problem
from wpstate.model.shipped import Shipped
from wpstate.model.source import SourceSpan
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.identity import NOTED_AS, OTHER_IDENTITY, stopped, strangers
from wpstate.resources.kind import Kind
from wpstate.resources.package_problems import no_zip, not_in_catalog
from wpstate.resources.said import Parsed, Said, joined, pin_problem
from wpstate.resources.wording import package_words

_STATES = frozenset({"active", "inactive", "absent", "client", "unmanaged"})
"""Words that may stand alone, in place of a version."""


class PackageKind(Kind):
    lists_unmanaged = True
    in_wordpress = False
    is_code = True
    packaged = True
    stays_with = ""
    noun: str
    """How one of them is called: `plugin`."""
    needs_state: bool = True
    """Where no state is written it is `active`; else it may be either."""

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return joined(self._one(slug, words, catalog) for slug, words in sorted(said.items()))

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """What the catalog does not name cannot be asked for: it stays unmanaged."""
        for address, state in observed.resources:
            kind, _, name = address.partition(".")
            entry = catalog.entries(self.name).get(name) if kind == self.name else None
            if entry is None or state.version is None:
                continue
            approved = entry.approved is not None and entry.approved.text == state.version
            version = "approved" if follow and approved else state.version
            value = self._adopted(version, state)
            yield Written((self.name, name), value, (address,), short_for="version")

    def _adopted(self, version: str, state: State) -> str:
        if state.active is False:
            return f"{{version: {version}, state: inactive}}"
        return version

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        name, entry = name_of(address), catalog.entries(self.name).get(name_of(address))
        if seen.present and entry is None:
            return (
                f"the catalog does not name it: wpstate vault add {observed.site}:{name} keeps its "
                f"bytes and prints the lines for catalog.yml; or write `{name}: client`"
            )
        approved = entry.approved.text if entry and entry.approved else None
        return package_words((self.name, name), seen, self._state_word(seen), approved)

    def _state_word(self, seen: State) -> str | None:
        """What must be written beside the version."""
        return "inactive" if seen.active is False else None

    def own_files(self, name: str, observed: ObservedState) -> OwnFiles | None:
        if observed.paths is None or "/" in name:
            return None
        return OwnFiles(f"{self.folder(observed.paths)}/{name}")

    def shipped(self, observed: ObservedState, catalog: Catalog) -> Iterable[Shipped]:
        """A readme is told anew for each new WordPress, without a new version."""
        entries = catalog.entries(self.name)
        for address, state in observed.resources if observed.paths else ():
            kind, _, name = address.partition(".")
            if kind == self.name and name in entries:
                version = state.version or ""
                is_folder = "/" in (self.main_file(name, observed) or "/")
                artifact = catalog.package(kind, name, version) if version and is_folder else None
                assert observed.paths is not None
                folder = f"{self.folder(observed.paths)}/{name}"
                without = tuple(f"readme.{form}" for form in ("txt", "md"))
                yield Shipped(address, version, artifact, folder, without=without)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        """Its folders have variables of their own (planning.role_vars)."""
        return {}

    def in_feeds(
        self,
        name: str,
        version: str,
        artifact: Artifact | None,
        observed: ObservedState | None,
    ) -> tuple[Part, ...]:
        """By its folder, and by its name on wordpress.org."""
        names = (name, artifact.slug if artifact else name)
        return tuple(dict.fromkeys((self.noun, each.lower()) for each in names))

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        """Changes that would touch what is no longer who it was."""
        expected = desired.approval.expected
        if not expected:
            return ()
        said, touched = self.identities(observed), {change.address for change in changes}
        of_touched = {address: said[address] for address in touched & said.keys()}
        return stopped(changes, strangers(expected, observed, of_touched))

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        expected = desired.approval.expected
        if not expected:
            return
        for who in strangers(expected, observed, self.identities(observed)):
            seen = observed.state(who.address)
            yield Noted(who.address, seen, OTHER_IDENTITY, NOTED_AS, lines=who.lines)

    def _one(self, slug: str, said: Said, catalog: Catalog) -> Parsed:
        address = Address(f"{self.name}.{slug}")
        version, state = self._written(said)
        word = state.text if state else "active" if self.needs_state else "present"
        keeper = said.part("managed_by")
        if keeper is not None and keeper.text == "client":
            return Parsed(left_alone=(LeftAlone(address, "client", keeper.span),))
        contradiction = self._contradiction(address, said, version, word)
        if contradiction:
            return Parsed(problems=(contradiction,))
        span = said.value.span
        match word:
            case "client" | "unmanaged":
                return Parsed(left_alone=(LeftAlone(address, word, span),))
            case "absent":
                entry = catalog.entries(self.name).get(slug)
                absent = _managed(address, said, ABSENT, span, "absent")
                is_ours = (entry is None or entry.is_ours) and not _keeper(said)
                return Parsed((replace(absent, applies=is_ours),))
            case _:
                return self._present(slug, address, said, version, word, catalog)

    def _written(self, said: Said) -> tuple[Text | None, Text | None]:
        """Version and state, whichever way they are written."""
        if isinstance(said.value, Text):
            is_state = said.value.text in _STATES
            return (None, said.value) if is_state else (said.value, None)
        return said.part("version"), said.part("state")

    def _present(
        self,
        slug: str,
        address: Address,
        said: Said,
        version: Text | None,
        word: str,
        catalog: Catalog,
    ) -> Parsed:
        entry = catalog.entries(self.name).get(slug)
        if entry is None:
            listed = catalog.entries(self.name)
            problem = not_in_catalog(self.noun, slug, address, said, catalog.forbidden, listed)
            return Parsed(problems=(problem,))
        pinned = version is not None and version.text != "approved"
        decides = version if version is not None and pinned else entry.approved
        label = "pinned" if pinned else "inactive" if word == "inactive" else "approved"
        active = {"active": True, "inactive": False}.get(word)
        stray = pin_problem(f"{address}.until", said.part("until"), pinned=pinned)
        problems = (stray,) if stray else ()
        if decides is None or not entry.is_ours or _keeper(said):
            want = State(version=decides.text if decides else None, active=active)
            label = _keeper(said) or entry.source
            span = decides.span if decides else said.value.span
            looked_at = replace(_managed(address, said, want, span, label), applies=False)
            return Parsed((looked_at,), problems=problems)
        artifact = catalog.package(self.name, slug, decides.text)
        if artifact is None:
            return Parsed(problems=(no_zip(self.noun, address, said, decides),))
        want = State(version=decides.text, active=active)
        managed = _managed(address, said, want, decides.span, label)
        auto = said.part("auto_updates")
        floats = "on" if auto is not None and auto.text == "on" else ""
        return Parsed((replace(managed, artifact=artifact, floats=floats),), problems=problems)

    def _contradiction(
        self, address: Address, said: Said, version: Text | None, word: str
    ) -> Problem | None:
        """Two words of a long form that cannot both hold."""
        purge, until = said.part("purge_data"), said.part("until")
        if word in ("absent", "client", "unmanaged"):
            if isinstance(said.value, Map) and version is not None:
                return Problem(
                    "desired.contradiction",
                    f"{self.noun} has a version and a state that needs none",
                    version.span,
                    f"{address}.version",
                    found=f'"{version.text}" beside "{word}"',
                    why=f"a {self.noun} that is not ours to install has no version to install",
                    mend="delete the version, or write `state: active`",
                )
            if until is not None:
                return pin_problem(f"{address}.until", until, pinned=False)
        if purge is not None and word != "absent":
            return Problem(
                "desired.contradiction",
                f"purge_data stands beside a {self.noun} that stays",
                purge.span,
                f"{address}.purge_data",
                found=f'"{purge.text}" beside "{word}"',
                why=f"data is dropped only with the {self.noun} it belongs to",
                mend="delete purge_data, or write `state: absent`",
            )
        return None


def _keeper(said: Said) -> str:
    """Who else installs it; empty where wpstate does."""
    keeper = said.part("managed_by")
    return keeper.text if keeper is not None and keeper.text != "wpstate" else ""


def _managed(address: Address, said: Said, want: State, span: SourceSpan, label: str) -> Managed:
    until, purge = said.part("until"), said.part("purge_data")
    return replace(
        said.asks(address, want, span, label),
        pinned_until=until.text if until else None,
        purge_data=purge is not None and purge.text == "true",
    )
