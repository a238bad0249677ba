"""What has become of a page, in words: published, in the trash, moved, gone.

Finding pages is left to probe/kinds/content.php.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from wpstate.model.state import ABSENT, Address, Json, State, short

HOME: Final = Address("content.home")
TITLE: Final = Address("content.home.title")
PAGES: Final = "content.pages."
PUBLISHED: Final = State(value="published")
_IN_TRASH: Final = "in the trash since "
_CHARACTERS: Final = 200


def observed_pages(answer: Json) -> Iterable[tuple[Address, State]]:
    """The front page, and each page that was asked for by its slug."""
    front, pages, home = answer["front"], answer["pages"], answer["home"]
    assert isinstance(pages, dict)
    for slug, found in pages.items():
        state = _state(found)
        if state.present:
            yield Address(f"{PAGES}{slug}"), state
    if isinstance(home, str):
        yield HOME, _home(front, pages, home, str(answer["front_is"]))
    if isinstance(front, dict):
        yield TITLE, State(value=front["title"][:_CHARACTERS])


def _home(front: Any, pages: dict[str, Any], wanted: str, front_is: str) -> State:
    """The slug of the front page where all is well with it; else what became of it, or of the
    wanted one: WordPress forgets which page was the front page when that is thrown away."""
    state = _state(front)
    if state.present:
        slug = front["slug"][:_CHARACTERS]
        told = slug if state == PUBLISHED else f"{slug} is {short(state)}"
        return state if is_in_trash(state) else State(value=told)
    state = _state(pages.get(wanted))
    if is_in_trash(state):
        return state
    instead = "the latest posts" if front_is == "posts" else "no page"
    became = f"{wanted} is {short(state)}" if state != PUBLISHED else ""
    return State(value="; ".join(filter(None, (instead, became))))


def records_of(address: Address, answer: Json) -> tuple[str, ...]:
    """How logs and revisions name what stands behind a page's address."""
    pages = answer.get("pages")
    found = pages if isinstance(pages, dict) else {}
    if address not in (HOME, TITLE):
        return _post(found.get(address.removeprefix(PAGES)))
    front, home = answer.get("front"), answer.get("home")
    options = ("options.page_on_front", "options.show_on_front") if address == HOME else ()
    return (*options, *_post(front), *_post(found.get(str(home))))


def _post(found: Any) -> tuple[str, ...]:
    return (f"posts.{found['id']}",) if isinstance(found, dict) else ()


def is_in_trash(state: State) -> bool:
    """Thrown away while it was published: what can be taken back."""
    return isinstance(state.value, str) and state.value.startswith(_IN_TRASH)


def _state(found: Any) -> State:
    if not isinstance(found, dict):
        return ABSENT
    slug, status = found["slug"][:_CHARACTERS], found["status"]
    match found["how"]:
        case "trash" if status == "publish":
            return State(value=f"{_IN_TRASH}{_day(found['trashed_at'])}")
        case "trash":
            return State(value=f"in the trash, was {status or 'unknown'} before")
        case "moved":
            return State(value=f"now at {slug}")
        case _ if status != "publish":
            return State(value=f"status {status}" if status == PUBLISHED.value else status)
        case _ if found["locked"]:
            return State(value="behind a password")
        case _:
            return PUBLISHED


def _day(at_s: int | None) -> str:
    return f"{datetime.fromtimestamp(at_s or 0, UTC):%Y-%m-%d}"
