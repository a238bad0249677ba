"""Whatever a run did to a site, restore puts it back exactly, as an oracle of its own sees it."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import ATELIER, explain, ready, timed
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.problem import NeedsAttention

DAMAGE_TO_FILES = {
    "edited core file": "echo '// x' >> wp-includes/version.php",
    "same size and time": "touch -r wp-load.php s; printf X | dd of=wp-load.php bs=1 seek=99 "
    "conv=notrunc 2>/dev/null; touch -r s wp-load.php; rm s",
    "plugin deleted": "rm -r wp-content/plugins/akismet",
    "plugin swapped": "cp -a wp-content/plugins/akismet n; mv wp-content/plugins/akismet o; "
    "mv n wp-content/plugins/akismet; rm wp-content/plugins/akismet/index.php; rm -r o",
    "plugin added": "mkdir wp-content/plugins/evil; echo x > wp-content/plugins/evil/evil.php",
    "PHP added to uploads": "echo '<?php' > wp-content/uploads/shell.php",
    "modes changed": "chmod 600 wp-login.php; chmod 700 wp-admin/css; chmod 000 wp-includes/Text",
    "link swapped in for a folder": "mv wp-content/themes t; rm -r t; ln -s /tmp wp-content/themes",
    "link swapped in for a file": "rm wp-settings.php; ln -s /etc/passwd wp-settings.php",
    "file in place of a folder": "rm -r wp-includes/fonts; echo x > wp-includes/fonts",
    "folder in place of a file": "rm index.php; mkdir index.php; echo x > index.php/x",
    "written through a hard link": "ln wp-cron.php wp-includes/cron2.php; echo x >> wp-cron.php",
    "names with quotes and newlines": "touch -- \"it's \\\"q\\\"\" 'new\nline.php' '-rf' 'back\\n'",
    "wp-config.php ruined": "echo '<?php nonsense(' > wp-config.php",
    "core gone": "rm -rf wp-admin wp-includes wp-*.php",
}

DAMAGE_TO_TABLES = {
    "table dropped": "DROP TABLE wp_lab_audit",
    "all core tables dropped": "SET FOREIGN_KEY_CHECKS=0; DROP TABLE wp_options, wp_posts, "
    "wp_postmeta, wp_users, wp_usermeta, wp_terms, wp_comments",
    "table altered": "ALTER TABLE wp_posts ADD broken INT, DROP INDEX post_name",
    "rows changed": "UPDATE wp_options SET option_value = 'x' WHERE option_id < 20",
    "FLOAT changed": "UPDATE wp_lab_measures SET seen = 16777218 WHERE id = 1000",
    "BIT, BLOB, emoji changed": "UPDATE wp_lab_measures SET flags = b'1', raw = 'q', note = '🧀'",
    "generated columns fed": "INSERT INTO wp_lab_measures (exact, note) VALUES (3, 'new')",
    "MyISAM rows": "DELETE FROM wp_lab_legacy; INSERT INTO wp_lab_legacy VALUES ('z', 'z')",
    "odd table name": "DROP TABLE `wp_lab odd-name`",
    "table added": "CREATE TABLE wp_evil (a INT); INSERT INTO wp_evil VALUES (1)",
    "trigger dropped": "DROP TRIGGER wp_lab_measured",
    "trigger added": "CREATE TRIGGER wp_evil BEFORE INSERT ON wp_users FOR EACH ROW SET @x = 1",
    "AUTO_INCREMENT moved": "ALTER TABLE wp_posts AUTO_INCREMENT = 90000",
    "view replaced": "CREATE OR REPLACE VIEW wp_lab_titles AS SELECT 1 AS one",
    "view in place of a table": "DROP TABLE wp_links; CREATE VIEW wp_links AS SELECT 1 AS one",
    "table in place of a view": "DROP VIEW wp_lab_titles; CREATE TABLE wp_lab_titles (a INT)",
    "engine changed": "ALTER TABLE wp_comments ENGINE=MyISAM",
    "table emptied": "SET FOREIGN_KEY_CHECKS=0; TRUNCATE wp_lab_measures; TRUNCATE wp_options",
}


@pytest.fixture(scope="module")
def net() -> Iterator[SshSafetyNet]:
    with borrowed("atelier"), ready(ATELIER) as opened:
        yield opened


@pytest.fixture(scope="module")
def tree_before(net: SshSafetyNet) -> str:
    return ATELIER.tree()


@pytest.fixture(scope="module")
def tables_before(net: SshSafetyNet) -> str:
    return ATELIER.tables()


def unlike(before: str, after: str) -> list[str]:
    """Lines that differ, less our own .maintenance, whose time a restore renews."""
    lines = set(before.splitlines()) ^ set(after.splitlines())
    return sorted(line for line in lines if "./.maintenance" not in line)


@pytest.mark.parametrize("damage", DAMAGE_TO_FILES)
def test_restore_puts_files_back(net: SshSafetyNet, tree_before: str, damage: str) -> None:
    ATELIER.sh(f'cd "$1" || exit 1\n{DAMAGE_TO_FILES[damage]}\n', ATELIER.wp_path)
    assert unlike(tree_before, ATELIER.tree())
    timed("restore", net.restore)
    assert unlike(tree_before, ATELIER.tree()) == []


@pytest.mark.parametrize("damage", DAMAGE_TO_TABLES)
def test_restore_puts_tables_back(net: SshSafetyNet, tables_before: str, damage: str) -> None:
    explain()
    ATELIER.sql(DAMAGE_TO_TABLES[damage])
    explain()
    assert unlike(tables_before, ATELIER.tables())
    timed("restore", net.restore)
    assert unlike(tables_before, ATELIER.tables()) == []


def test_a_second_restore_does_nothing(net: SshSafetyNet) -> None:
    ATELIER.sh('rm "$1/wp-load.php"', ATELIER.wp_path)
    ATELIER.sql("DROP TABLE wp_links")
    first, second = net.restore(), net.restore()
    assert (first.files, first.tables) == (1, ("wp_links",))
    assert (second.files, second.tables, second.moved_away) == (0, (), ())


def test_tree_changes_names_what_a_run_did(net: SshSafetyNet) -> None:
    ATELIER.sh('cd "$1"; echo x > new.php; echo x >> wp-cron.php; rm xmlrpc.php', ATELIER.wp_path)
    changes = [(change.sort, change.path) for change in net.tree_changes()]
    assert changes == [("added", "new.php"), ("changed", "wp-cron.php"), ("removed", "xmlrpc.php")]
    restored = net.restore()
    assert restored.moved_away == ("new.php",)
    assert net.tree_changes() == ()


def test_a_large_site_takes_its_time_to_be_compared(
    net: SshSafetyNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a short verb may take."""
    monkeypatch.setattr("wpstate.adapters.safety_net_restore.QUICK_S", 1.0)
    program = "cd ~/.wpstate/*/runs/*/ && sed -i "
    ATELIER.sh(f"{program}'s/^tree_changes() {{/&\\nsleep 3/' net.sh && grep -qx 'sleep 3' net.sh")
    try:
        assert net.tree_changes() == ()
    finally:
        ATELIER.sh(f"{program}'/^sleep 3$/d' net.sh")


def test_what_was_added_is_kept_in_quarantine(net: SshSafetyNet) -> None:
    ATELIER.sh('echo keep-me-aside > "$1/added.php"', ATELIER.wp_path)
    ATELIER.sql("CREATE TABLE wp_added (word TEXT); INSERT INTO wp_added VALUES ('kept-row')")
    explain()
    net.restore()
    kept = ATELIER.sh(
        "cd ~/.wpstate/*/runs/*/quarantine && cat files.*$1/added.php && "
        "for f in tables.*.sql; do zstd -dc <$f; done | grep -o kept-row",
        ATELIER.wp_path,
    )
    assert kept.split() == ["keep-me-aside", "kept-row"]


def test_media_uploaded_after_the_snapshot_stay(net: SshSafetyNet) -> None:
    picture = f"{ATELIER.wp_path}/wp-content/uploads/2031/01/photo.jpg"
    ATELIER.sh('mkdir -p "${1%/*}"; echo jpeg > "$1"', picture)
    try:
        net.restore()
        assert ATELIER.sh('cat "$1"', picture) == "jpeg\n"
    finally:
        ATELIER.sh('rm -r "${1%/*/*}"', picture)


@pytest.mark.parametrize("file", ["code.tar", "dump.sql", "manifest", "fingerprint"])
def test_a_flipped_byte_is_refused_before_the_first_write(net: SshSafetyNet, file: str) -> None:
    flip = (
        'f=$(ls ~/.wpstate/*/runs/*/snapshot/$1); n=$(($(stat -c %s "$f") / 2)); '
        'b=$(od -An -j$n -N1 -tu1 "$f"); '
        'printf "\\\\$(printf %o $((b ^ 1)))" | dd of="$f" bs=1 seek=$n conv=notrunc 2>/dev/null'
    )
    ATELIER.sh('echo x >> "$1/wp-cron.php"', ATELIER.wp_path)
    ATELIER.sql("DROP TABLE wp_links")
    tree, tables = ATELIER.tree(), ATELIER.tables()
    ATELIER.sh(flip, file)
    with pytest.raises(NeedsAttention) as caught:
        net.restore()
    assert caught.value.problems[0].slug == "snapshot.damaged"
    assert (unlike(tree, ATELIER.tree()), unlike(tables, ATELIER.tables())) == ([], [])
    ATELIER.sh(flip, file)
    assert net.restore().tables == ("wp_links",)
