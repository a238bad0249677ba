"""versions.compare against the real version_compare(), thousands of pairs in one PHP process."""

import json
import random
import subprocess

import pytest

from wpstate.resources.versions import compare, sort_key

SEED = 20_261_122
REAL = (
    *("1.0", "1.0.0", "1", "1.1", "1.9", "1.10", "01.1", "6.10", "6.9", "6.5.5", "7.1.1", "7.1"),
    *("7.1-RC1", "7.1-RC2", "7.1-beta1", "7.1-alpha-59", "7.1-beta2-60012-src", "7.1-dev"),
    *("1.0rc1", "1.0RC1", "1.0b2", "1.0a", "1.0pl1", "1.0p1", "1.0-1", "1.0_1", "1.0+1", "v1.0"),
    *("1.0.x", "1.0-stable", "trunk", "2024.01.31", "20240131", "9" * 5000, "0" * 5000 + "1"),
    *("9223372036854775807", "9223372036854775808", "1.", ".5", "1..2", "-1", "1-", "#1", "#N#"),
    *("#1a.2b", "#", ".", "..", "1.0.-rc", "1é", "1.é2", "é", "1.0\u2028", "1.0\n2", ""),
)
WORDS = ("dev", "alpha", "a", "beta", "b", "RC", "rc", "pl", "p", "#", "stable", "é", "x", "Alpha")


def invented(chance: random.Random) -> str:
    pieces = [
        chance.choice((str(chance.randrange(12)), chance.choice(WORDS), chance.choice(".-_+ .")))
        for _ in range(chance.randrange(1, 8))
    ]
    return "".join(pieces)


def php_answers(pairs: list[tuple[str, str]]) -> list[int]:
    program = (
        "foreach (json_decode(stream_get_contents(STDIN)) as [$a, $b])"
        " { $answers[] = version_compare($a, $b); } echo json_encode($answers);"
    )
    argv = ("php", "-r", program)
    done = subprocess.run(argv, input=json.dumps(pairs).encode(), capture_output=True, check=True)
    answers: list[int] = json.loads(done.stdout)
    return answers


@pytest.mark.reaches_out
def test_agrees_with_php_on_real_and_invented_versions() -> None:
    chance = random.Random(SEED)
    pairs = [(a, b) for a in REAL for b in REAL]
    pairs += [(invented(chance), invented(chance)) for _ in range(5000)]
    wrong = [
        (left, right, php, compare(left, right))
        for (left, right), php in zip(pairs, php_answers(pairs), strict=True)
        if compare(left, right) != php
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("older", "newer"),
    [("6.9", "6.10"), ("7.1-RC2", "7.1"), ("7.1-beta9", "7.1-RC1"), ("1.0", "1.0.0"), ("", "1")],
)
def test_what_people_expect(older: str, newer: str) -> None:
    assert (compare(older, newer), compare(newer, older)) == (-1, 1)


def test_sorts_oldest_first() -> None:
    versions = ["6.10", "6.9", "7.1", "7.1-RC1", "6.9.1"]
    assert sorted(versions, key=sort_key) == ["6.9", "6.9.1", "6.10", "7.1-RC1", "7.1"]
