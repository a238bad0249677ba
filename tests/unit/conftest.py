"""The unit tier touches nothing outside: no sockets, no processes, files only in the repository,
in Python's own folders and in a test's own temporary one.

Python itself tells of each attempt (PEP 578, audit events), so no function is patched. A test that
must reach further belongs to another tier, or says so: `@pytest.mark.reaches_out`.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of what is tested.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_REPOSITORY = Path(__file__).parents[2]
_ALLOWED = tuple(
    str(place)
    for place in (_REPOSITORY, sys.prefix, sys.base_prefix, tempfile.gettempdir(), "/dev/null")
)
_PROCESS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn"})
_SOCKET = frozenset({"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"})
_guarding = False


class ReachedOut(AssertionError):
    """A unit test left its process."""


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if not _guarding:
        return
    if event in _PROCESS or event in _SOCKET:
        raise ReachedOut(f"{event} {arguments[:2]}")
    if event == "open" and isinstance(arguments[0], str | bytes):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not path.startswith(_ALLOWED):
            raise ReachedOut(f"open {path}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def _inside(request: pytest.FixtureRequest) -> Iterator[None]:
    global _guarding
    _guarding = request.node.get_closest_marker("reaches_out") is None
    yield
    _guarding = False
