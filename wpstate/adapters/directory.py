"""Asks sources which versions they have: wordpress.org's API once for each component, and the
controller's vault. What answers mean is left to resources.directory_answers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from wpstate.adapters.file_lists import AuthOf, nobody_asks
from wpstate.model.bump import Asked, Listed, Name, Release
from wpstate.model.problem import WpstateError
from wpstate.resources.catalog import VAULT, WORDPRESS_ORG
from wpstate.resources.directory_answers import addresses, listed
from wpstate.resources.versions import sort_key

_MOST_BYTES = 4 << 20
_WITHIN_S = 20.0
_AT_ONCE = 4
_ELSEWHERE = {
    "git": "tags of a repository are not asked for: write the version into catalog.yml",
    "host": "the host installs it",
    "composer": "Composer installs it",
}


class Directory:
    """Fulfils ports.VersionSources."""

    def __init__(self, *, api_url: str, vault_folder: Path, auth_of: AuthOf = nobody_asks) -> None:
        self._api_url = api_url
        self._vault_folder = vault_folder
        self._auth_of = auth_of

    def listed(self, asked: Sequence[Asked]) -> Mapping[Name, Listed]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip((each.name for each in asked), pool.map(self._one, asked), strict=True))

    def _one(self, asked: Asked) -> Listed:
        if asked.source == WORDPRESS_ORG:
            return self._from_wordpress_org(asked)
        if asked.source == VAULT:
            return Listed(tuple(_newest_first(self._in_vault(asked))))
        return Listed(unknown=_ELSEWHERE.get(asked.source, "nobody knows its source"))

    def _from_wordpress_org(self, asked: Asked) -> Listed:
        answers: list[object] = []
        for path in addresses(asked):
            try:
                answers.append(json.loads(self._answer(f"{self._api_url}/{path}")))
            except WpstateError as error:
                told = "; ".join(problem.found or problem.what for problem in error.problems)
                return Listed(unknown=f"could not be asked: {told}")
            except (ValueError, RecursionError):
                return Listed(unknown="the directory's answer is no JSON")
        return listed(asked, tuple(answers))

    def _answer(self, url: str) -> bytes:
        from wpstate.adapters.downloads import download

        answer = BytesIO()
        download(
            url,
            answer.write,
            at_most_bytes=_MOST_BYTES,
            within_s=_WITHIN_S,
            auth=self._auth_of(url),
            even_if_gone=True,  # closed plugins are told of so
        )
        return answer.getvalue()

    def _in_vault(self, asked: Asked) -> Iterable[Release]:
        if asked.zips:
            return (Release(version) for version in asked.zips)
        folder = self._vault_folder / asked.name.kind / asked.called
        return (
            Release(file.stem, datetime.fromtimestamp(file.stat().st_mtime, UTC))
            for file in (folder.glob("*.zip") if folder.is_dir() else ())
            if file.is_file()
        )


def _newest_first(releases: Iterable[Release]) -> list[Release]:
    return sorted(releases, key=lambda release: sort_key(release.version), reverse=True)
