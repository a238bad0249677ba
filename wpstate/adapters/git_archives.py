"""One tag of a git repository as a tar. Making a component of it is left to adapters.packing.

The repository is a stranger: its own configuration is never read, since only its objects are
fetched into an empty one, and no credentials but those of the user's own git and ssh are used.
"""

import os
import subprocess
from pathlib import Path

from wpstate.model.problem import Failed, Problem
from wpstate.resources.foreign_text import visible

_WITHIN_S = 300
_PROTOCOLS = ("file", "https", "ssh")
_ABSENT = ("couldn't find remote ref", "not a valid object name", "does not exist")
_OTHERS_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")


def archive_tag(address: str, tag: str, folder: str, slug: str, into: Path) -> Path | None:
    """A tar below `into` of the tag's files, in a folder named `slug`; None where the repository
    has no such tag or folder.

    `address`: an absolute path, https or ssh. Raises Failed (`artifact.unavailable`).
    """
    bare, tar = into / "repository", into / "archive"
    reference = f"refs/tags/{tag}"
    _git(address, "init", "--quiet", "--bare", "--template=", str(bare))
    inside = (f"--git-dir={bare}",)
    fetched = _git(
        address,
        *inside, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules",
        "--", _url(address), f"+{reference}:{reference}",
    )  # fmt: skip
    tree = f"{reference}^{{tree}}" if not folder else f"{reference}:{folder}"
    if not fetched:
        return None
    packed = _git(
        address, *inside, "archive", "--format=tar", f"--prefix={slug}/", f"--output={tar}", tree
    )
    return tar if packed else None


def _url(address: str) -> str:
    return f"file://{address}" if address.startswith("/") else address


def _git(address: str, *arguments: str) -> bool:
    """Whether it went well; False where the repository lacks what was asked for."""
    allowed = [f"protocol.{name}.allow=always" for name in _PROTOCOLS]
    settings = (
        "protocol.allow=never", *allowed, "http.followRedirects=false",
        "core.hooksPath=/dev/null", "tar.umask=0022",
    )  # fmt: skip
    options = [word for setting in settings for word in ("-c", setting)]
    try:
        done = subprocess.run(
            ("git", *options, *arguments),
            env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=_WITHIN_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as why:
        raise _unavailable(address, str(why)) from why
    told = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode and not any(words in told for words in _ABSENT):
        raise _unavailable(address, told)
    return done.returncode == 0


def _environment() -> dict[str, str]:
    """The user's own, which knows how to reach their repositories, but for a repository in it."""
    kept = {name: text for name, text in os.environ.items() if name not in _OTHERS_REPOSITORY}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": f"{kept.get('GIT_SSH_COMMAND', 'ssh')} -oBatchMode=yes",
    }


def _unavailable(address: str, found: str) -> Failed:
    return Failed(
        [
            Problem(
                "artifact.unavailable",
                "a repository could not be asked",
                found=f"{address}: {visible(found, 300)}",
                mend="try `git ls-remote --tags` with this address, as this user",
            )
        ]
    )
