"""Places in the lab's account `wpl-layout` that a test may fill and break."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration import lab_accounts
from tests.integration.lab_site import LabSite, borrowed


@pytest.fixture
def account_folder() -> Iterator[Path]:
    """A folder in the account's home."""
    made = lab_accounts.HOME_OF_LAYOUT / f"probe-{secrets.token_hex(4)}"
    made.mkdir()
    lab_accounts.give_to("wpl-layout", made)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def above() -> Iterator[LabSite]:
    """The site `above`, nobody else on it."""
    with borrowed("above") as lab:
        yield lab


@pytest.fixture
def site_copy(above: LabSite, account_folder: Path) -> Path:
    """What the probe reads of the site `above`, to be broken; its database is the site's own."""
    wp = lab_accounts.small_copy("above", account_folder)
    lab_accounts.give_to("wpl-layout", account_folder)
    return wp
