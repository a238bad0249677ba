"""docs/security.md tells every point as the code has it."""

import re
from typing import assert_never

from tests.docs.pages import page
from wpstate.resources.security import POINTS
from wpstate.resources.security_points import (
    ByHand,
    Constant,
    FileMode,
    Flag,
    Htaccess,
    Option,
    OwnText,
    Point,
    Unreadable,
)


def _set_by(point: Point) -> str:
    match point.means:
        case Constant(name):
            return f"`{name}`"
        case Option(name):
            return f"option `{name}`"
        case FileMode():
            return "the file's mode"
        case Unreadable():
            return "the file's mode, 600"
        case Flag() | OwnText():
            return "our mu-plugin"
        case Htaccess(where):
            return f"`.htaccess` of {where}, else the host"
        case ByHand():
            return "a person"
        case _:
            assert_never(point.means)


def test_the_table_has_every_point() -> None:
    rows = re.findall(r"^\| `[a-z_]+` \|.*$", page("docs/security.md"), re.MULTILINE)
    assert rows == [
        f"| `{p.name}` | `{p.good}` | {p.promises} | {_set_by(p)} |" for p in POINTS.values()
    ]


def test_the_number_of_requests_is_told() -> None:
    from tests.unit.test_security_points import KIND, probed, site

    asked = site(**{point.name: point.good for point in POINTS.values()})
    (told,) = re.findall(r"at most (\d+) requests", page("docs/security.md"))
    assert int(told) == len(tuple(KIND.looks(asked, probed())))
