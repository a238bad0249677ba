"""Nothing is said about a site's files before they are on the disk: after a power cut a run that
counts as done must not have left empty ones."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, ready
from wpstate.adapters.safety_net import SshSafetyNet

_TOLD = """cd ~/.wpstate/*/runs/*/ && mkdir told && cat >told/sync <<'SH' && chmod 700 told/sync &&
#!/bin/sh
(cd ~/.wpstate/*/runs/*/ && echo "$*" $(ls -d verdict restored 2>/dev/null) >>synced)
exec /usr/bin/env PATH="${PATH#*:}" sync "$@"
SH
sed -i "2iPATH=$PWD/told:\\$PATH" net.sh"""


@pytest.fixture
def net() -> Iterator[SshSafetyNet]:
    with borrowed("atelier"), ready(ATELIER) as opened:
        ATELIER.sh(_TOLD)
        yield opened


def synced() -> list[str]:
    """What was written to the disk, in order; each with the marks that were there by then."""
    return ATELIER.sh("cat ~/.wpstate/*/runs/*/synced").splitlines()


def test_a_confirmed_runs_files(net: SshSafetyNet) -> None:
    assert net.confirm({"summary": {}})
    assert f"-f -- {ATELIER.wp_path}" in synced()
    net.thaw()
    assert [line for line in synced() if "/thawed " in line]


def test_a_restored_sites_files(net: SshSafetyNet) -> None:
    ATELIER.sh('echo x >>"$1/wp-cron.php"', ATELIER.wp_path)
    net.restore()
    assert f"-f -- {ATELIER.wp_path} verdict" in synced()
    assert [line for line in synced() if "/restored " in line]
