"""Asks wordpress.org's API where a language pack lies. The zip itself is left to
adapters.artifacts; the answer is untrusted: limited in size, and only a path is taken from it."""

import json
from io import BytesIO

from wpstate.adapters.downloads import download
from wpstate.model.secret import FilledHeader
from wpstate.resources.pack_addresses import pack_path, translations_url

_MOST_BYTES = 8 << 20
_WITHIN_S = 30.0


def pack_path_at(
    api_url: str, pack: str, version: str, auth: FilledHeader | None = None
) -> str | None:
    """Path of the zip below the download address; None where there is no such pack.

    Raises Failed (`artifact.unavailable`): not asked is not the same as not there.
    """
    answer = BytesIO()
    url = translations_url(api_url, pack, version)
    if not download(url, answer.write, at_most_bytes=_MOST_BYTES, within_s=_WITHIN_S, auth=auth):
        return None
    try:
        return pack_path(json.loads(answer.getvalue()), pack)
    except (ValueError, RecursionError):
        return None
