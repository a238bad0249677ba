"""Where the data that ships with wpstate lies: beside the package in a checkout, inside it in a
wheel. What is in it is left to those who read it."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder `schemas`, `playbooks`, `roles` or `docs/ci`. Raises FileNotFoundError where it is
    missing: the installation is then broken."""
    for place in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"this installation of wpstate lacks its folder {name}")
