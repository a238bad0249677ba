"""A state folder inside the web root is private only where every file planted there is denied."""

from dataclasses import replace

import pytest

from tests.builders import observed
from wpstate.model.look import LookRequest, LookSeen
from wpstate.planning.privacy import hidden_tried, is_inside, planted_looks

FOLDER = "/home/client/www/.wpstate-0123456789abcdef0123456789abcdef"
PLANTED = tuple(f"{FOLDER}/proof-7f.{kind}" for kind in ("txt", "sql"))
LOOKS = planted_looks("https://shop.test", "/home/client/www", PLANTED)


def seen(request: LookRequest, status: int | None, body: str = "") -> LookSeen:
    error = None if status else "refused"
    return LookSeen(request, status, request.url, (), body, 0.1, error=error)


def answers(*statuses: int | None, body: str = "") -> tuple[LookSeen, ...]:
    return tuple(seen(look, status, body) for look, status in zip(LOOKS, statuses, strict=True))


SILENT = answers(None, None)


def test_they_are_asked_for_at_the_sites_address() -> None:
    assert [look.url for look in LOOKS] == [
        f"https://shop.test/.wpstate-0123456789abcdef0123456789abcdef/proof-7f.{kind}"
        for kind in ("txt", "sql")
    ]
    elsewhere = planted_looks("https://shop.test", "/home/client/other", PLANTED)
    assert hidden_tried(PLANTED, (), ()).ok is False
    assert elsewhere == ()


@pytest.mark.parametrize("status", [403, 404])
def test_denied_is_private(status: int) -> None:
    assert hidden_tried(PLANTED, answers(status, status), SILENT).ok
    assert hidden_tried(PLANTED, answers(status, status), answers(200, 200, body="Hosting")).ok


@pytest.mark.parametrize("status", [200, 301, 401, 500, None])
def test_anything_else_is_not(status: int | None) -> None:
    assert not hidden_tried(PLANTED, answers(403, status), SILENT).ok


def test_our_own_file_from_anywhere_is_not() -> None:
    """What stands before the site may deny it, and the host itself still give it away."""
    theirs = answers(200, 200, body="wpstate 7f\n")
    found = hidden_tried(PLANTED, answers(403, 403), theirs)
    assert not found.ok
    assert "0123456789abcdef" not in found.found


@pytest.mark.parametrize(
    ("state", "inside"),
    [(FOLDER, True), ("/home/client/.wpstate/01", False), ("/home/client/www2/.wpstate", False)],
)
def test_only_below_the_sites_own_folders_it_is_inside(state: str, inside: bool) -> None:
    paths = observed({}).paths
    assert paths
    assert is_inside(replace(paths, wp="/home/client/www", state=state)) is inside
