"""Which rows a restore puts back, and which it leaves, on a real site with real other writers."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, note, ready
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.table import Tables

COMMENT = "INSERT INTO wp_comments (comment_author, comment_content) VALUES ('{by}', '{by}')"
OPTION = "INSERT INTO wp_options (option_name, option_value) VALUES ('{by}', 'x')"
ORDER = (
    "INSERT INTO wp_posts (post_type, post_title, post_content, post_excerpt, to_ping, pinged,"
    " post_content_filtered) VALUES ('{type}', '{by}', '', '', '', '', '')"
)

CODES = """
CREATE TABLE wp_codes (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) NOT NULL UNIQUE,
    owner VARCHAR(20) NOT NULL);
INSERT INTO wp_codes (code, owner) VALUES ('code-True', 'us'), ('code-False', 'us')"""


@pytest.fixture(scope="module")
def net() -> Iterator[SshSafetyNet]:
    with borrowed("atelier", reset=True):
        ATELIER.sql(ORDER.format(type="shop_order", by="old"))
        ATELIER.sql("CREATE TABLE wp_stock (id INT PRIMARY KEY, pieces INT)")
        ATELIER.sql("INSERT INTO wp_stock VALUES (1, 3), (2, 3), (3, 3)")
        ATELIER.sql(CODES)
        with ready(ATELIER) as opened:
            note(".", 0)
            yield opened


def inserted(statement: str) -> int:
    return int(ATELIER.sql(f"{statement}; SELECT LAST_INSERT_ID()"))


def count(table: str, column: str, value: str) -> int:
    return int(ATELIER.sql(f"SELECT COUNT(*) FROM {table} WHERE {column} = '{value}'"))


def kept_options() -> list[str]:
    """The tables that restores have replaced, oldest first."""
    return ATELIER.sql(
        "SELECT C.TABLE_NAME FROM information_schema.COLUMNS C JOIN information_schema.TABLES T"
        " USING (TABLE_SCHEMA, TABLE_NAME) WHERE C.TABLE_SCHEMA = DATABASE() AND"
        " C.TABLE_NAME LIKE 'wpstate\\_o\\_%' AND C.COLUMN_NAME = 'option_name' ORDER BY 1"
    ).split()


def proved(to: bool) -> None:
    """Whether the freeze is known to have held."""
    command = "touch" if to else "rm -f"
    ATELIER.sh(f"cd ~/.wpstate/*/runs/*/ && {command} proved")


@pytest.fixture(params=[True, False], ids=["frozen", "open"])
def frozen(request: pytest.FixtureRequest) -> Iterator[bool]:
    proved(request.param)
    yield request.param
    proved(to=True)


def test_a_visitors_table_stays_as_it_is(net: SshSafetyNet, frozen: bool) -> None:
    ATELIER.sql(COMMENT.format(by=f"direct-{frozen}"))
    ATELIER.sql("UPDATE wp_comments SET comment_karma = 7 WHERE comment_ID = 1")
    assert "wp_comments" not in net.restore().tables
    assert count("wp_comments", "comment_author", f"direct-{frozen}") == 1
    assert count("wp_comments", "comment_karma", "7") == 1


def test_rows_of_the_run_go_and_those_of_others_stay(net: SshSafetyNet) -> None:
    for table, statement, column in (
        ("wp_comments", COMMENT, "comment_author"),
        ("wp_options", OPTION, "option_name"),
    ):
        note(table, 1, inserted(statement.format(by="run")))
        ATELIER.sql(statement.format(by="other"))
        ATELIER.sql(f"UPDATE {table} SET {column} = 'changed' LIMIT 1")
        restored = net.restore()
        assert table in restored.tables
        assert (table, 1) in [carried for carried in restored.carried if carried[0] == table] or (
            count(table, column, "other") == 1
        )
        assert count(table, column, "run") == 0
        assert count(table, column, "other") == 1
        assert count(table, column, "changed") == 0


def test_a_number_of_the_run_goes_to_whoever_writes_next(net: SshSafetyNet) -> None:
    number = inserted(OPTION.format(by="run again"))
    note("wp_options", 1, number)
    net.restore()
    columns = "option_id, option_name, option_value"
    ATELIER.sql(f"INSERT INTO wp_options ({columns}) VALUES ({number}, 'next', 'x')")
    net.restore()
    assert count("wp_options", "option_name", "run again") == 0
    assert count("wp_options", "option_name", "next") == 1


def test_orders_are_as_they_are_now(net: SshSafetyNet) -> None:
    note("wp_posts", 1, inserted(ORDER.format(type="page", by="page of the run")))
    ATELIER.sql(ORDER.format(type="shop_order", by="new"))
    ATELIER.sql("UPDATE wp_posts SET post_status = 'wc-paid' WHERE post_title = 'old'")
    ATELIER.sql("UPDATE wp_posts SET post_status = 'draft' WHERE ID = 1")
    assert "wp_posts" in net.restore().tables
    assert count("wp_posts", "post_title", "page of the run") == 0
    assert count("wp_posts", "post_title", "new") == 1
    assert count("wp_posts", "post_status", "wc-paid") == 1
    assert ATELIER.sql("SELECT post_status FROM wp_posts WHERE ID = 1") == "publish\n"


def test_what_nothing_explains_stays_and_is_told(net: SshSafetyNet) -> None:
    ATELIER.sql("UPDATE wp_stock SET pieces = 2 WHERE id < 3")
    (left,) = net.restore().left
    assert (left.name, left.rows) == ("wp_stock", 2)
    assert count("wp_stock", "pieces", "2") == 2
    assert net.restore(tables=Tables.WHOLE).left == ()
    assert count("wp_stock", "pieces", "3") == 3


def test_settings_that_visitors_had_the_new_code_change_go_back(net: SshSafetyNet) -> None:
    """The run itself then changes nothing more, and notes nothing."""
    (notes,) = ATELIER.sql("SHOW TABLES LIKE 'wpstate\\_w\\_%'").split()
    ATELIER.sql(f"DELETE FROM {notes} WHERE name = 'wp_options'")
    proved(to=False)
    ATELIER.sql("UPDATE wp_options SET option_value = 'hijacked' WHERE option_name = 'blogname'")
    ATELIER.sql(OPTION.format(by="a visitor in between"))
    assert "wp_options" in net.restore().tables
    proved(to=True)
    assert count("wp_options", "option_value", "hijacked") == 0
    assert count("wp_options", "option_name", "a visitor in between") == 1


def test_a_changed_definition_goes_back_under_the_rows(net: SshSafetyNet, frozen: bool) -> None:
    ATELIER.sql(COMMENT.format(by=f"before-{frozen}"))
    ATELIER.sql("ALTER TABLE wp_comments ADD broken INT, MODIFY comment_author VARCHAR(255)")
    ATELIER.sql(COMMENT.format(by=f"after-{frozen}"))
    ATELIER.sql(f"UPDATE wp_comments SET comment_agent = 'now-{frozen}' WHERE comment_ID = 1")
    assert "wp_comments" in net.restore().tables
    assert "broken" not in ATELIER.sql("SHOW COLUMNS FROM wp_comments")
    for by in (f"before-{frozen}", f"after-{frozen}"):
        assert count("wp_comments", "comment_author", by) == 1
    # An older row that changed is the run's where nobody else could write, else a visitor's.
    assert count("wp_comments", "comment_agent", f"now-{frozen}") == (0 if frozen else 1)


def test_new_rows_get_numbers_of_their_own(net: SshSafetyNet) -> None:
    note("wp_options", 0)
    kept = inserted(OPTION.format(by="kept"))
    net.restore()
    assert inserted(OPTION.format(by="later")) > kept


def test_a_restore_that_died_before_it_carried_rows_over_is_finished(net: SshSafetyNet) -> None:
    note("wp_options", 0)
    ATELIER.sql(OPTION.format(by="in between"))
    net.restore()
    ATELIER.sql("DELETE FROM wp_options WHERE option_name = 'in between'")
    line = "\\t".join(("carry", "wp_options", "wp_options", kept_options()[-1]))
    ATELIER.sh(f"cd ~/.wpstate/*/runs/*/restore && printf '{line}\\n' >carrying")
    net.restore()
    assert count("wp_options", "option_name", "in between") == 1


def test_what_is_replaced_is_kept(net: SshSafetyNet) -> None:
    note("wp_options", 0)
    ATELIER.sql("UPDATE wp_options SET option_value = 'precious' WHERE option_name = 'blogname'")
    net.restore()
    assert count(kept_options()[-1], "option_value", "precious") == 1


def test_what_does_not_fit_the_snapshots_definition_is_told(net: SshSafetyNet) -> None:
    """Text is cut by the column that it goes back into: the whole of it is in the kept table."""
    ATELIER.sql("ALTER TABLE wp_comments MODIFY comment_agent TEXT")
    ATELIER.sql(
        "INSERT INTO wp_comments (comment_author, comment_content, comment_agent)"
        " VALUES ('long', 'x', REPEAT('x', 300))"
    )
    (left,) = net.restore().left
    assert (left.name, left.rows) == ("wp_comments", 1)
    assert count("wp_comments", "comment_author", "long") == 1


def test_a_row_that_meets_another_unique_key_is_told_and_kept(
    net: SshSafetyNet, frozen: bool
) -> None:
    """The run gave a code free, and somebody took it before the run was put back."""
    code = f"code-{frozen}"
    note("wp_codes", 0)
    ATELIER.sql(f"UPDATE wp_codes SET code = 'given free' WHERE code = '{code}'")
    ATELIER.sql(f"INSERT INTO wp_codes (code, owner) VALUES ('{code}', 'somebody')")
    ATELIER.sql(f"INSERT INTO wp_codes (code, owner) VALUES ('other-{frozen}', 'somebody')")
    (left,) = net.restore().left
    assert (left.name, left.rows) == ("wp_codes", 1)
    assert "kept" in left.why
    assert ATELIER.sql(f"SELECT owner FROM wp_codes WHERE code = '{code}'") == "us\n"
    assert count("wp_codes", "code", f"other-{frozen}") == 1
    kept = ATELIER.sql(
        "SELECT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND"
        " TABLE_NAME LIKE 'wpstate\\_o\\_%' AND COLUMN_NAME = 'owner' ORDER BY 1"
    ).split()
    assert count(kept[-1], "owner", "somebody") >= 2
    net.restore(tables=Tables.WHOLE)
