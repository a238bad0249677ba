"""The watchdog puts a site back by its deadline, while somebody goes on writing past WordPress."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.e2e.site import lab_site
from tests.faults.scene import wait_until_free
from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, note, ready
from tests.integration.test_rollback_tiers import COMMENT, OPTION, count, inserted
from wpstate.adapters.safety_net import SshSafetyNet

DEADLINE_S = 12
TABLES = {
    "wp_comments": (COMMENT, "comment_author"),
    "wp_options": (OPTION, "option_name"),
    "wp_sold": ("INSERT INTO wp_sold (said) VALUES ('{by}')", "said"),
}


@pytest.fixture(params=[False, True], ids=["frozen", "open"])
def net(request: pytest.FixtureRequest) -> Iterator[SshSafetyNet]:
    with borrowed("atelier", reset=True):
        ATELIER.sql("CREATE TABLE wp_sold (id INT AUTO_INCREMENT PRIMARY KEY, said VARCHAR(40))")
        with ready(ATELIER, DEADLINE_S, visitors_in=request.param) as opened:
            note(".", 0)
            yield opened


def test_each_acknowledged_row_is_there_once(net: SshSafetyNet) -> None:
    for table, (statement, _) in TABLES.items():
        if table != "wp_sold":
            note(table, 1, inserted(statement.format(by="of the run")))
    ATELIER.sql("UPDATE wp_options SET option_value = 'new' WHERE option_name = 'blogname'")
    acknowledged: list[str] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            said = f"row {len(acknowledged)}"
            ATELIER.sql("; ".join(text.format(by=said) for text, _ in TABLES.values()))
            acknowledged.append(said)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert wait_until_free(lab_site("atelier").state, 90)
    finally:
        over.set()
        writer.join()
    assert count("wp_options", "option_value", "new") == 0
    for table, (_, column) in TABLES.items():
        there = Counter(ATELIER.sql(f"SELECT {column} FROM {table}").splitlines())
        assert {said: there[said] for said in acknowledged if there[said] != 1} == {}
    assert count("wp_options", "option_name", "of the run") == 0
    assert len(acknowledged) > 5
