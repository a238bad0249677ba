"""versions.compare against the real version_compare(), thousands of pairs in one PHP process."""

import json
import random
import subprocess

import pytest

from wpstate.model.facts import Known, Severity, VersionRange, Vulnerability
from wpstate.planning.affected import affecting
from wpstate.resources.versions import compare, sort_key

SEEDS = (20_261_122, 20_261_128, 4, 1_000_003)
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


def beside(chance: random.Random, version: str) -> str:
    """The same but for one character: where orders go wrong."""
    at = chance.randrange(len(version) + 1)
    put = chance.choice((*WORDS, *"0123456789.-_+ ", ""))
    return version[:at] + put + version[at + chance.randrange(2) :]


@pytest.mark.reaches_out
@pytest.mark.parametrize("seed", SEEDS)
def test_agrees_with_php_on_real_and_invented_versions(seed: int) -> None:
    chance = random.Random(seed)
    short = [version for version in REAL if version and len(version) < 100]
    pairs = [(a, b) for a in REAL for b in REAL] if seed == SEEDS[0] else []
    pairs += [(invented(chance), invented(chance)) for _ in range(5000)]
    pairs += [(one, beside(chance, one)) for one in chance.choices(short, k=5000)]
    pairs += [(one, beside(chance, one)) for one in (invented(chance) for _ in range(5000))]
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


@pytest.mark.reaches_out
def test_ranges_hold_what_php_says_that_they_hold() -> None:
    """As WPVulnerability documents its operators: version_compare() with `ge`, `gt`, `lt`, `le`."""
    chance = random.Random(SEEDS[0])
    program = (
        "foreach (json_decode(stream_get_contents(STDIN)) as [$v, $a, $above, $b, $below])"
        " { $answers[] = version_compare($v, $a, $above) && version_compare($v, $b, $below); }"
        " echo json_encode($answers);"
    )
    short = [version for version in REAL if version and len(version) < 100]
    asked = [
        (
            *(chance.choice((invented(chance), *chance.choices(short, k=3))) for _ in range(2)),
            chance.choice(("ge", "gt")),
            chance.choice(short),
            chance.choice(("lt", "le")),
        )
        for _ in range(5000)
    ]
    done = subprocess.run(
        ("php", "-r", program), input=json.dumps(asked).encode(), capture_output=True, check=True
    )
    for (version, oldest, above, newest, below), php in zip(
        asked, json.loads(done.stdout), strict=True
    ):
        span = VersionRange(oldest, above == "ge", newest, below == "le")
        hole = Vulnerability("f", "1", "t", Severity.LOW, None, (), (span,), (), None)
        known = Known(vulnerabilities={("plugin", "x"): (hole,)})
        assert bool(affecting(known, [("plugin", "x")], version)) == php, (version, span)
