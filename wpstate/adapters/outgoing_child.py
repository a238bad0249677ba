"""Send messages by Apprise in a process of its own, which its parent may kill at any moment.

Standard input holds the request as JSON: addresses are secrets, and an argument or a variable of
the environment could be seen by others. Standard output takes a line for each message as it went,
its place and `null` or a few words that hold no address. Run by path; imports nothing of wpstate.
"""

import json
import os
import sys
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

SERVICE_S = 20
ONLY_OPENS = frozenset({"github"})
"""Services of Apprise 2.2 that open something new with every message and can close none."""


def main() -> None:
    request = json.loads(sys.stdin.buffer.read())
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    # What libraries print may hold an address.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    one_at_a_time = Lock()

    def answer(place: int, words: str | None) -> None:
        with one_at_a_time:
            answers.write(json.dumps([place, words]) + "\n")

    # Each receiver gets its messages in their order, and none waits for another that is deaf.
    by_address: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, each in enumerate(request["messages"]):
        by_address.setdefault(each["address"], []).append((place, each))

    def send_all(messages: list[tuple[int, dict[str, Any]]]) -> None:
        for place, each in messages:
            answer(place, attempt(send, each))

    sending = [Thread(target=send_all, args=(each,), daemon=True) for each in by_address.values()]
    for thread in sending:
        thread.start()
    for thread in sending:
        thread.join()
    for place, address in enumerate(request["beats"]):
        answer(place, attempt(beat, address))
    answers.flush()
    os._exit(0)  # a service that hangs has a thread that nobody need wait for


def attempt(act: Callable[[Any], str | None], value: object) -> str | None:
    try:
        return act(value)
    except Exception as error:  # noqa: BLE001  its text may hold the address
        return f"it failed with {type(error).__name__}"


def send(message: dict[str, Any]) -> str | None:
    import logging

    logging.disable(logging.CRITICAL)
    import apprise

    asset = apprise.AppriseAsset(
        app_id="wpstate",
        app_desc="wpstate",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        service_timeout=SERVICE_S,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        allow_templates=False,
        interpret_escapes=False,
        interpret_emojis=False,
    )
    address = message["address"]
    if message["is_end"] and opens_only(address):
        return None
    service = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if service is None:
        return "the address is none that Apprise knows"
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    went = sender.notify(
        body=message["body"],
        title=message["title"],
        notify_type=message["tone"],
        body_format=apprise.NotifyFormat.TEXT,
        interpret_escapes=False,
        timeout=SERVICE_S,
    )
    return None if went else "it was not taken, or nobody answered"


def opens_only(address: str) -> bool:
    parts = urlsplit(address)
    # A longer path names what is already open, which is commented on.
    named = [part for part in parts.path.split("/") if part]
    return parts.scheme.lower() in ONLY_OPENS and len(named) < 2


def beat(address: str) -> str | None:
    import httpx2

    if urlsplit(address).scheme not in ("http", "https"):
        return "the address is neither http nor https"
    with httpx2.stream("GET", address, timeout=SERVICE_S / 2) as answer:
        # A redirection is not followed: the call has not arrived.
        return None if answer.status_code < 300 else f"it answered {answer.status_code}"


if __name__ == "__main__":
    main()
