"""Which files a version ships, and their hashes, as wordpress.org's checksums say; names are kept
once known.

Lists out of a zip are left to adapters.artifacts. Answers are untrusted: limited in size and
count, and one path that leaves its folder makes the whole answer worthless.
"""

import json
from collections.abc import Callable, Collection, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from wpstate.adapters.plans import write_whole
from wpstate.model.secret import FilledHeader
from wpstate.model.shipped import FileHashes
from wpstate.planning.zip_rules import MOST_ENTRIES, is_safe_path
from wpstate.resources.checksums import listed_files, listed_hashes
from wpstate.resources.core import ENGLISH
from wpstate.resources.packages import PACKAGINGS

AuthOf = Callable[[str], FilledHeader | None]
"""What the server of an address asks of everybody. Raises Refused (`secret.*`)."""
_MOST_BYTES = 8 << 20
_WITHIN_S = 30.0


def nobody_asks(_: str) -> None:
    """For servers that are open to all."""


class FileLists:
    def __init__(
        self, folder: Path, *, download_url: str, api_url: str, auth_of: AuthOf = nobody_asks
    ) -> None:
        self._auth_of = auth_of
        self._folder = folder
        self._download_url = download_url
        self._api_url = api_url

    def of(self, kind: str, slug: str, version: str, locale: str) -> tuple[str, ...] | None:
        """Sorted paths below the component's folder; None where nobody knows the version.

        Raises Failed (`artifact.unavailable`): not asked is not the same as not known.
        """
        kept = self._folder / f"{_name(kind, slug, version, locale)}.json"
        if kept.is_file() and (files := _files(kept.read_bytes())):
            return files
        for _, answer in self._answers(kind, slug, version, locale):
            if files := _files(answer):
                write_whole(kept, json.dumps({"files": dict.fromkeys(files)}).encode())
                return files
        return None

    def hashes(self, kind: str, slug: str, version: str, locale: str) -> FileHashes | None:
        """Hashes of the files, with the locale of the build that they are of. As `of`; not kept:
        an import asks once."""
        for url, answer in self._answers(kind, slug, version, locale):
            found = _hashes(answer)
            if found is not None:
                of_locale = locale if f"locale={locale}" in url else ENGLISH
                return FileHashes(*found, of_locale)
        return None

    def _answers(
        self, kind: str, slug: str, version: str, locale: str
    ) -> Iterator[tuple[str, bytes]]:
        """What each address that may list the files has to say, the best first."""
        # Imported late: commands that ask for nothing need no HTTP library.
        from wpstate.adapters.downloads import download

        for url in PACKAGINGS[kind].checksum_urls(
            self._api_url, self._download_url, slug, version, locale
        ):
            answer = BytesIO()
            known = download(
                url,
                answer.write,
                at_most_bytes=_MOST_BYTES,
                within_s=_WITHIN_S,
                auth=self._auth_of(url),
            )
            if known:
                yield url, answer.getvalue()


def _name(*parts: str) -> str:
    return ".".join(quote(part, safe="") for part in parts)


def _hashes(answer: bytes) -> tuple[str, dict[str, tuple[str, ...]]] | None:
    try:
        found = listed_hashes(json.loads(answer))
    except (ValueError, RecursionError):
        return None
    return found if found and _are_sound(found[1]) else None


def _files(answer: bytes) -> tuple[str, ...] | None:
    try:
        files = listed_files(json.loads(answer))
    except (ValueError, RecursionError):
        return None
    return files if files and _are_sound(files) else None


def _are_sound(files: Collection[str]) -> bool:
    return len(files) <= MOST_ENTRIES and all(is_safe_path(file) for file in files)
