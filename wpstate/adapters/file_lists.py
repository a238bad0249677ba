"""Which files a version ships, as wordpress.org's checksums say, kept once known.

Lists out of a zip are left to adapters.artifacts. Answers are untrusted: limited in size and
count, and one path that leaves its folder makes the whole answer worthless.
"""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from wpstate.adapters.plans import write_whole
from wpstate.model.secret import FilledHeader
from wpstate.planning.zip_rules import MOST_ENTRIES, is_safe_path
from wpstate.resources.packages import PACKAGINGS, listed_files

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
        # Imported late: commands that ask for nothing need no HTTP library.
        from wpstate.adapters.downloads import download

        name = ".".join(quote(part, safe="") for part in (kind, slug, version, locale))
        kept = self._folder / f"{name}.json"
        if kept.is_file() and (files := _files(kept.read_bytes())):
            return files
        urls = PACKAGINGS[kind].checksum_urls(
            self._api_url, self._download_url, slug, version, locale
        )
        for url in urls:
            answer = BytesIO()
            known = download(
                url,
                answer.write,
                at_most_bytes=_MOST_BYTES,
                within_s=_WITHIN_S,
                auth=self._auth_of(url),
            )
            if known and (files := _files(answer.getvalue())):
                write_whole(kept, json.dumps({"files": dict.fromkeys(files)}).encode())
                return files
        return None


def _files(answer: bytes) -> tuple[str, ...] | None:
    try:
        files = listed_files(json.loads(answer))
    except (ValueError, RecursionError):
        return None
    sound = files and len(files) <= MOST_ENTRIES and all(is_safe_path(file) for file in files)
    return files if sound else None
