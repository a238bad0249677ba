"""What the fleet's files must say after an urgent patch, as a change to propose: pins, the catalog,
the lock. Which lines these are is left to desired.overtaken, writing the branch to its adapter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date

from wpstate.desired.compose import compose
from wpstate.desired.editing import Edit, edited
from wpstate.desired.folder import LOCK
from wpstate.model.identity import Identity
from wpstate.model.mandate import Mandate
from wpstate.model.patch import Overtaken, Patching
from wpstate.ports import Author, Change
from wpstate.workflows.lock import LockedVersion


def patch_branch(
    texts: Mapping[str, str],
    done: Patching,
    locked: LockedVersion | None,
    mandate: Mandate,
    author: Author,
    today: date,
    shared: frozenset[str] = frozenset(),
) -> Change:
    """`texts`: the files that the change is made to, `shared` of which are another repository's,
    where they are to be changed. Raises InvalidDesiredState where they cannot
    be edited, or would not hold together."""
    edits: dict[str, list[Edit]] = {}
    ours = [one for one in done.follow_up if one.at.file not in shared]
    for one in ours:
        edits.setdefault(one.at.file, []).append(Edit(one.keys, _said(one)))
    if locked is not None and LOCK not in shared and not _is_locked(texts, locked):
        edits[LOCK] = list(_entry(locked))
    files = {file: edited(file, texts.get(file, ""), edits[file]) for file in sorted(edits)}
    compose({**texts, **files}, today=today)
    what = f"{done.plugin} {done.version}" if done.version else f"{done.plugin} switched off"
    return Change(
        branch=f"wpstate/patch/{done.plugin.lower()}",
        title=f"Ask for {what}, as sites have it since an urgent patch",
        body="\n".join(_body(done, mandate, shared)),
        files={file: text.encode() for file, text in files.items()},
        trailers=tuple(("Approved-by", who) for who in mandate.approvers),
        author=author,
    )


def _body(done: Patching, mandate: Mandate, shared: frozenset[str]) -> Iterable[str]:
    yield mandate.why
    yield ""
    yield "Until this is merged, git asks for less than sites have; nothing is undone by itself."
    yield ""
    for file in sorted({one.at.file for one in done.follow_up} & shared):
        yield f"- {file} is to be changed in the repository that this fleet shares"
    for each in done.sites:
        if each.run is not None:
            yield f"- {each.site}: {each.run.outcome.value}, run {each.run.id}"


def _said(one: Overtaken) -> str | dict[str, str]:
    return one.after if isinstance(one.after, str) else dict(one.after)


def _is_locked(texts: Mapping[str, str], locked: LockedVersion) -> bool:
    fleet = compose(texts)
    return (locked.kind, locked.slug, locked.version) in fleet.locked


def _entry(locked: LockedVersion) -> Iterator[Edit]:
    """As workflows.lock writes one."""
    keys = (locked.kind, locked.slug, locked.version)
    yield Edit((*keys, "sha256"), locked.sha256)
    for name in ("requires_php", "requires_wp", "parent", "revision"):
        if (value := getattr(locked, name)) is not None:
            yield Edit((*keys, name), value)
    if locked.identity is not None:
        headers = {f.name: getattr(locked.identity, f.name) for f in fields(Identity)}
        yield Edit((*keys, "identity"), {name: said for name, said in headers.items() if said})
