"""What is remembered of site files by the id of their bytes, in one file below WPSTATE_HOME. A file
that is damaged, or that another version wrote, is as good as none."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from wpstate import __version__
from wpstate.adapters.plans import write_whole
from wpstate.model.proposal import SiteWords

_FORMAT = 1
_MOST_BYTES = 256 << 20


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    version: str
    sites: dict[str, SiteWords]


class FileIndex:
    """Fulfils ports.Index."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def known(self) -> Mapping[str, SiteWords]:
        try:
            if self._path.stat().st_size > _MOST_BYTES:
                return {}
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            return {}
        return kept.sites if (kept.format, kept.version) == (_FORMAT, __version__) else {}

    def keep(self, known: Mapping[str, SiteWords]) -> None:
        body = msgspec.json.encode(_Kept(_FORMAT, __version__, dict(known)), order="deterministic")
        try:
            write_whole(self._path, body)
        except OSError:
            return  # the next command reads the files anew
