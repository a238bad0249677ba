"""A unit test that reaches out fails."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.conftest import ReachedOut


def test_a_file_elsewhere() -> None:
    with pytest.raises(ReachedOut):
        Path("/etc/hostname").read_bytes()


def test_a_process() -> None:
    with pytest.raises(ReachedOut):
        subprocess.run((sys.executable, "-c", ""), check=True)


def test_a_socket() -> None:
    with socket.socket() as one, pytest.raises(ReachedOut):
        one.connect(("127.0.0.1", 9))


def test_a_file_of_the_repository() -> None:
    assert Path(__file__).read_text("utf-8")


@pytest.mark.reaches_out
def test_one_that_says_so() -> None:
    assert subprocess.run((sys.executable, "-c", ""), check=True).returncode == 0
