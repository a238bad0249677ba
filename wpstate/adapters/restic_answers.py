"""What restic says: its exit codes and its JSON, in words of ours.

Running it is left to adapters.restic. Its codes are those of restic 0.17 and newer
(doc/075_scripting.rst); its JSON is read leniently, because each version adds to it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from wpstate.model.backup import Checked, Saved, Snapshot
from wpstate.model.problem import Failed, Problem
from wpstate.resources.foreign_text import visible

OLDEST = (0, 17)
_VERSION = re.compile(r"restic (\d+)\.(\d+)")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")

NO_REPOSITORY, LOCKED, WRONG_PASSWORD = 10, 11, 12
UNREAD = 3

_SAID: Mapping[int, tuple[str, str, str]] = {
    NO_REPOSITORY: (
        "backup.missing",
        "there is no repository at this address",
        "see `repositories` of fleet.yml; the first `wpstate backup run` makes it",
    ),
    LOCKED: (
        "backup.busy",
        "another program holds the repository",
        "wait until it ends; of one that died: restic unlock",
    ),
    WRONG_PASSWORD: (
        "backup.password",
        "the repository does not open with this password",
        "see where `password` of the repository is kept; nobody can open it without",
    ),
    UNREAD: (
        "backup.unread",
        "a part of the site could not be read into the backup",
        "see what is named; the backups before are still there",
    ),
}
_REPOSITORY = (
    "backup.storage",
    "the repository cannot be read or written",
    "see what is named, then wpstate backup verify; the backups before are still there",
)
_ENGINE = ("backup.engine", "restic ended without an answer", "see what is named, then try again")
_OF_ITSELF = (2, 130)
"""Its own runtime, and a signal."""


def problem_of(code: int, said: str, repository: str) -> Failed:
    """An exit code that is not 0, with what restic wrote to stderr. 1 is its word for whatever
    else went wrong: with the storage, mostly."""
    if code in _SAID:
        slug, what, mend = _SAID[code]
    else:
        slug, what, mend = _ENGINE if code < 0 or code in _OF_ITSELF else _REPOSITORY
    found = _last_words(said) or f"exit code {code}"
    return Failed([Problem(slug, what, key=repository, found=found, mend=mend)])


def require_new(said: str) -> None:
    """`restic version`'s words. Raises Failed (`backup.restic`)."""
    found = _VERSION.match(said)
    if found and (int(found[1]), int(found[2])) >= OLDEST:
        return
    raise no_restic(visible(said.strip())[:200] or "no version")


def no_restic(found: str) -> Failed:
    oldest = ".".join(map(str, OLDEST))
    return Failed(
        [
            Problem(
                "backup.restic",
                "restic is missing, or too old",
                found=found,
                why=f"wpstate needs {oldest} or newer: older ones make a snapshot of a dump that "
                "broke off",
                mend=f"install restic {oldest} or newer, into the PATH",
            )
        ]
    )


def saved(out: str, repository: str) -> Saved:
    for said in lines(out):
        if said.get("message_type") == "summary" and said.get("snapshot_id"):
            return Saved(
                str(said["snapshot_id"]),
                int(said.get("total_files_processed", 0)),
                int(said.get("total_bytes_processed", 0)),
                int(said.get("data_added_packed", said.get("data_added", 0))),
            )
    raise problem_of(2, "it told of no snapshot", repository)


def snapshots(out: str, repository: str) -> tuple[Snapshot, ...]:
    try:
        listed = json.loads(out or "[]")
        found = (
            Snapshot(
                id=str(one["id"]),
                at=time_of(one["time"]),
                site=str(one.get("hostname", "")),
                tags=tuple(map(str, one.get("tags") or ())),
                paths=tuple(map(str, one.get("paths") or ())),
            )
            for one in listed
        )
        return tuple(sorted(found, key=lambda one: (one.at, one.id)))
    except (ValueError, KeyError, TypeError) as error:
        raise problem_of(
            2, f"a list of snapshots that makes no sense: {error}", repository
        ) from None


def checked(code: int, out: str, err: str, *, read_all: bool) -> Checked:
    """`check` ends with 1 where it found errors, and names them on stderr."""
    if code == 0:
        return Checked(read_all=read_all)
    told = [
        str(said.get("message", "")) for said in lines(err) if said.get("message_type") == "error"
    ]
    for said in lines(out):
        packs = said.get("broken_packs")
        if packs:
            told.append(f"{len(packs)} broken packs: {', '.join(map(str, packs))}")
    told = told or [_last_words(err)]
    return Checked(tuple(visible(one.strip())[:300] for one in dict.fromkeys(told))[:20], read_all)


def restored(out: str) -> tuple[int, int]:
    for said in lines(out):
        if said.get("message_type") == "summary":
            return int(said.get("files_restored", 0)), int(said.get("bytes_restored", 0))
    return 0, 0


def time_of(text: str) -> datetime:
    """Go writes up to nine digits of a second."""
    return datetime.fromisoformat(_FRACTION.sub(lambda found: "." + found[1].ljust(6, "0"), text))


def lines(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            yield said


def _last_words(said: str) -> str:
    told = [
        str(one.get("message") or (one.get("error") or {}).get("message", ""))
        for one in lines(said)
        if one.get("message_type") in ("exit_error", "error")
    ]
    words = " ".join(dict.fromkeys(filter(None, told))) or said.strip()
    return visible(" ".join(words.split()))[-600:]
