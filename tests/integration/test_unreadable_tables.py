"""A table that cannot be read for a moment is not one that is damaged."""

from pathlib import Path

import pytest

from tests.integration.test_safety_net_freeze import act, run_dir

__all__ = ("run_dir",)

_CLIENT = """#!/bin/sh
case $* in *--version*) echo mariadb from MariaDB; exit ;; esac
asked=$(cat)
case $asked in
    *'SHOW WARNINGS'*) printf 'site.wp_one\\tNULL\\nError\\t{number}\\tsaid\\n' ;;
    *CHECKSUM*) printf 'wpstate part\\tsum\\nsite.wp_one\\tNULL\\n' ;;
    *) echo 1 ;;
esac
"""


@pytest.mark.parametrize(("number", "damaged"), [(1194, True), (1932, True), (1205, False)])
def test_only_the_tables_own_damage_counts(run_dir: Path, number: int, damaged: bool) -> None:
    client = run_dir / "mariadb"
    client.write_text(_CLIENT.format(number=number))
    client.chmod(0o700)
    (run_dir / "list").write_text("table\twp_one\n")
    said = act(
        run_dir,
        "PATH=$run_dir:$PATH; my_cnf=x database=site sql_client=mariadb sql_extra=;"
        " (fingerprint_singly $run_dir/list $run_dir/out $run_dir); cat $run_dir/out",
    )
    assert ("sum\twp_one\tbroken" in said) == damaged
    assert ("database.unreachable" in said) != damaged
