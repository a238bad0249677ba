"""What must-use plugins and drop-ins have in common: single files that WordPress runs unasked,
declared with their bytes or reported. What sets them apart stands in their own modules.

Hashing the fleet's files is left to desired.parts, putting them in place to the role `code_files`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState, LeftAlone, Managed
from wpstate.model.imported import Copy, Written
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.own_files import OwnFiles
from wpstate.model.problem import Problem
from wpstate.model.state import ABSENT, Address, Json, State, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.nearest import nearest
from wpstate.resources.said import Parsed, Said, joined

CODE_FILES: Final = "files"
"""The fleet's folder of such code."""
_PATH: Final = re.compile(
    CODE_FILES + r"/(?!.*(^|/)\.\.?(/|$))[A-Za-z0-9_][A-Za-z0-9._/-]*\.php", re.ASCII
)
"""As the schemas have it."""
OURS = "wpstate-"
"""How wpstate's own must-use plugins are called; other kinds answer for them."""


class FileKind(Kind):
    each_apart = True
    lists_unmanaged = True
    in_wordpress = False
    is_code = True
    stays_with = ""
    nameable: re.Pattern[str]
    """Names that its schema takes."""
    adopted_comment: str
    """What whoever reads an imported site should ask of each."""

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """Each with its bytes: what runs on every page is read by whoever reviews the import, and
        told from then on when it changes."""
        answer = observed.answer(self.name)
        for file in _files(answer):
            name, sha256 = str(file["name"]), str(file["sha256"])
            if not self.nameable.fullmatch(name):
                continue
            keys, about = (self.name, name), (Address(f"{self.name}.{name}"),)
            if file["link"] or answer.get("link"):
                yield Written(keys, "client", about, "a link: it changes with what it leads to")
                continue
            path, copy = _kept(catalog, sha256), None
            if path is None:
                path = f"{CODE_FILES}/{observed.site}/{self.name}-{name}"
                if path in catalog.files:
                    path = f"{CODE_FILES}/{observed.site}/{self.name}-{sha256[:12]}-{name}"
                copy = Copy(f"{answer['folder']}/{name}", sha256, path, "client")
            yield Written(keys, path, about, self.adopted_comment, copy=copy)

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        name = name_of(address)
        keys = (self.name, name)
        if not seen.present:
            return Words(keys, {"from": None, "state": "absent", "why": None}, "state", "why")
        path = _kept(catalog, str(seen.value))
        if path is not None:
            return Words(keys, {"from": path, "state": None, "why": None}, "from", "why")
        return (
            "its code is not in the fleet, and runs on every page: read it, put it below "
            f"{CODE_FILES}/ without passwords and name it; or write `{name}: client`"
        )

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return joined(self._one(name, words, catalog) for name, words in sorted(said.items()))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json:
        """Asked on every site: what nobody named is shown too."""
        return {}

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get(self.name) if isinstance(kinds, dict) else None
        for file in _files(answer):
            if not str(file["name"]).startswith(OURS):
                yield Address(f"{self.name}.{file['name']}"), State(value=str(file["sha256"]))

    def refusals(
        self, desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
    ) -> Iterable[Problem]:
        answer = observed.answer(self.name)
        links = {file["name"] for file in _files(answer) if file["link"]}
        for change in changes:
            if name_of(change.address) in links or answer.get("link"):
                yield Problem(
                    "plan.link",
                    "this code lies elsewhere, behind a link",
                    where=change.source,
                    key=change.address,
                    found=f"{answer.get('folder')} or what is in it is a link",
                    why="other sites may run the same files, and nobody froze them",
                    mend="put the file itself in the link's place, or name it `unmanaged`",
                )

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        """Of a file that is gone its folder tells, where it holds nothing else."""
        return (str(address),) if observed.state(address).present else (str(address), self.name)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        return {
            "folder": self._folder(observed),
            "files": [
                {"name": name_of(c.address), "sha256": c.after.value if c.after.present else None}
                for c in changes
            ],
        }

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        assert observed.paths is not None
        folder = self._folder(observed).removeprefix(observed.paths.wp.rstrip("/") + "/")
        return (folder, *(f"{folder}/{name_of(change.address)}" for change in changes))

    def own_files(self, name: str, observed: ObservedState) -> OwnFiles | None:
        seen = "folder" in observed.answer(self.name) and "/" not in name
        return OwnFiles(f"{self._folder(observed)}/{name}") if seen else None

    def _folder(self, observed: ObservedState) -> str:
        return str(observed.answer(self.name)["folder"])

    def _one(self, name: str, said: Said, catalog: Catalog) -> Parsed:
        address = Address(f"{self.name}.{name}")
        whole = said.value if isinstance(said.value, Text) else None
        source, state = said.part("from"), said.part("state")
        if whole is not None:
            source, state = (whole, None) if "/" in whole.text else (None, whole)
        if source is not None and state is not None:
            return Parsed(problems=(_contradiction(address, source),))
        if source is not None:
            return self._from_file(address, said, source, catalog)
        assert state is not None
        if state.text != "absent":
            return Parsed(left_alone=(LeftAlone(address, state.text, said.value.span),))
        return Parsed((said.asks(address, ABSENT, said.value.span, "absent"),))

    def _from_file(self, address: Address, said: Said, source: Text, catalog: Catalog) -> Parsed:
        sha256 = catalog.files.get(source.text)
        if sha256 is None:
            return Parsed(problems=(_no_file(address, source, catalog),))
        artifact = Artifact(self.name, name_of(address), "", source.text, sha256)
        managed = said.asks(address, State(value=sha256), said.value.span, source.text)
        return Parsed((replace(managed, artifact=artifact),))


def _kept(catalog: Catalog, sha256: str) -> str | None:
    """Where the fleet has these bytes already, as most sites of an agency share some."""
    paths = (path for path, known in catalog.files.items() if known == sha256)
    return next(
        (path for path in sorted(paths) if _PATH.fullmatch(path) and len(path) <= 500), None
    )


def _files(answer: object) -> list[dict[str, object]]:
    files = answer.get("files") if isinstance(answer, dict) else None
    return files if isinstance(files, list) else []


def _no_file(address: Address, source: Text, catalog: Catalog) -> Problem:
    close = nearest(source.text, catalog.files)
    return Problem(
        "desired.no_file",
        "the fleet folder has no such file, or it is too large",
        source.span,
        address,
        found=f'"{source.text}"',
        why="the fleet must carry what it installs, in files of at most 1 MiB",
        mend=f"write {close}" if close else f"put the file at {source.text}",
    )


def _contradiction(address: Address, source: Text) -> Problem:
    return Problem(
        "desired.contradiction",
        "a file has a source and a state that needs none",
        source.span,
        f"{address}.from",
        found=f'"{source.text}"',
        why="a file that is not ours to write comes from nowhere",
        mend="delete one of the two",
    )
