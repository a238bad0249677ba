"""Order of versions as PHP and WordPress see it.

Which versions exist, and whether a text is an exact version, is left to others.

Source: php-src 8.2, ext/standard/versioning.c (php_canonicalize_version, php_version_compare),
which version_compare() and so all of WordPress use. The odd corners are PHP's: words it doesn't
know come before `dev`, `alpha`, `beta`, `RC`, then numbers, then `pl`; and a version that ends in
a separator comes before the same text.
"""

import re
import string
from functools import cmp_to_key
from itertools import pairwise

_ALNUM = frozenset(string.ascii_letters + string.digits)
_DIGITS = frozenset(string.digits)
_INTEGER = re.compile("0*([0-9]*)")
_LONG_MAX = 2**63 - 1
_LONG_DIGITS = 19
_NUMBER = "#N#"
_UNKNOWN_WORD = -1
_WORDS = (
    ("dev", 0),
    ("alpha", 1),
    ("a", 1),
    ("beta", 2),
    ("b", 2),
    ("RC", 3),
    ("rc", 3),
    ("#", 4),
    ("pl", 5),
    ("p", 5),
)


def compare(left: str, right: str) -> int:
    """-1, 0 or 1 as `left` is older than, as old as or newer than `right`."""
    if not left or not right:
        return bool(left) - bool(right)
    mine, theirs = _canonical(left), _canonical(right)
    while True:
        (part, dot, mine), (other, other_dot, theirs) = mine.partition("."), theirs.partition(".")
        if order := _compare_parts(part, other):
            return order
        if not (dot and other_dot and mine and theirs):
            break
    if dot:
        return 1 if mine[:1] in _DIGITS else compare(mine, _NUMBER)
    if other_dot:
        return -1 if theirs[:1] in _DIGITS else compare(_NUMBER, theirs)
    return 0


sort_key = cmp_to_key(compare)
"""For `sorted(versions, key=sort_key)`, oldest first."""


def _canonical(version: str) -> str:
    """One dot between parts, and between digits and letters: `6.10-RC2` gives `6.10.RC.2`."""
    if version.startswith("#"):
        return version
    # PHP works on bytes; latin-1 gives each byte a character of its own.
    text = version.encode("utf-8", "surrogatepass").decode("latin-1")
    done = text[0]
    for before, char in pairwise(text):
        separates = char not in _ALNUM and (char in "-_+." or before not in _DIGITS)
        if (separates or _joins(before, char)) and done[-1] != ".":
            done += "."
        if not separates:
            done += char
    return done


def _joins(before: str, char: str) -> bool:
    """Whether digits and letters meet here."""
    if char in _DIGITS:
        return before not in _DIGITS and before != "."
    return before in _DIGITS


def _compare_parts(part: str, other: str) -> int:
    number, other_number = part[:1] in _DIGITS, other[:1] in _DIGITS
    if number and other_number:
        return _sign(_integer(part) - _integer(other))
    return _sign(_rank(_NUMBER if number else part) - _rank(_NUMBER if other_number else other))


def _integer(part: str) -> int:
    """C's strtol: as many digits as there are, at most the largest long."""
    found = _INTEGER.match(part)
    digits = found[1] if found else ""
    return _LONG_MAX if len(digits) > _LONG_DIGITS else min(int(digits or "0"), _LONG_MAX)


def _rank(word: str) -> int:
    return next((rank for form, rank in _WORDS if word.startswith(form)), _UNKNOWN_WORD)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
