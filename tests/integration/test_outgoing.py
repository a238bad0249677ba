"""Messages go out by Apprise to real servers on loopback; a deaf one keeps nobody waiting, and no
address comes back in a word."""

import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.receivers import deaf, mail, web
from wpstate.adapters.outgoing import AppriseOutgoing
from wpstate.adapters.outgoing_child import attempt, opens_only
from wpstate.adapters.secrets import KeptSecrets
from wpstate.model.secret import SecretReference
from wpstate.model.telling import Message

REFERENCE = SecretReference("env", "WPSTATE_SECRET_TELL")
MESSAGE = Message(
    "m1", "agency", "lab: Site down: café", "on 2 sites\n  a: *x* ‹b›\n{{ 7*7 }} :smile: \\n",
    "failure", datetime(2026, 11, 24, tzinfo=UTC),
)  # fmt: skip
Out = Callable[..., AppriseOutgoing]


@pytest.fixture
def out(tmp_path: Path) -> Out:
    def to(address: str | None, deadline_s: float = 60.0) -> AppriseOutgoing:
        kept = {} if address is None else {REFERENCE.name: address}
        secrets = KeptSecrets(
            tmp_path, environment=kept, fleet_folder=tmp_path, vault_password=None
        )
        return AppriseOutgoing(secrets, deadline_s=deadline_s)

    return to


def test_a_web_address_gets_json_as_it_was_meant(out: Out) -> None:
    with web() as server:
        sent = out(f"json://agency:hunter2@127.0.0.1:{server.port}/hook").send(
            [(REFERENCE, MESSAGE), (REFERENCE, replace(MESSAGE, title="t2", tone="success"))]
        )
    assert sent == (None, None)
    (_, path, first), (_, _, second) = server.requests
    assert path == "/hook"
    assert (first["title"], first["message"], first["type"]) == (
        MESSAGE.title,
        MESSAGE.body,
        "failure",
    )
    assert (second["title"], second["type"]) == ("t2", "success")


def test_a_form_too(out: Out) -> None:
    with web() as server:
        assert out(f"form://127.0.0.1:{server.port}/").send([(REFERENCE, MESSAGE)]) == (None,)
    ((_, _, form),) = server.requests
    assert form["title"] == [MESSAGE.title]


def test_a_mail_has_the_title_as_its_subject(out: Out) -> None:
    with mail() as (port, mails):
        address = f"mailto://127.0.0.1:{port}?from=wpstate@agency.example&to=desk@agency.example"
        assert out(f"{address}&format=text").send([(REFERENCE, MESSAGE)]) == (None,)
    (arrived,) = mails
    assert arrived["To"] == "desk@agency.example"
    from email.header import decode_header, make_header

    assert str(make_header(decode_header(arrived["Subject"]))) == MESSAGE.title
    text = arrived.get_payload(decode=True).decode()
    assert "on 2 sites" in text
    assert "{{ 7*7 }} :smile:" in text


@pytest.mark.parametrize("scheme", ["json", "mailto"])
def test_one_that_is_deaf_keeps_nobody_waiting(out: Out, scheme: str) -> None:
    with deaf() as port:
        began = time.monotonic()
        people = "from=a@b.example&to=c@b.example"
        address = f"{scheme}://127.0.0.1:{port}?rto=500&cto=500&{people}"
        sent = out(address, deadline_s=2).send([(REFERENCE, MESSAGE)] * 2)
        # Far from what the address itself asks for; the machine may be busy.
        assert time.monotonic() - began < 60
        assert sent == ("it took too long",) * 2


def test_what_went_out_counts_and_nobody_waits_for_a_deaf_one(tmp_path: Path) -> None:
    with deaf() as port, web() as server:
        environment = {
            "WPSTATE_SECRET_GOOD": f"json://127.0.0.1:{server.port}/",
            "WPSTATE_SECRET_DEAF": f"json://127.0.0.1:{port}/?rto=500",
        }
        secrets = KeptSecrets(
            tmp_path, environment=environment, fleet_folder=tmp_path, vault_password=None
        )
        good, bad = (SecretReference("env", name) for name in environment)
        outgoing = AppriseOutgoing(secrets, deadline_s=10)
        late = "it took too long"
        assert outgoing.send([(good, MESSAGE), (bad, MESSAGE)]) == (None, late)
        # The deaf one stands before it too: nobody waits for somebody else.
        sent = outgoing.send([(bad, MESSAGE), (good, MESSAGE), (bad, MESSAGE), (good, MESSAGE)])
        assert sent == (late, None, late, None)
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "address", ["nonsense://hunter2", "hunter2", "json://user:hunter2@127.0.0.1:1/hunter2"]
)
def test_no_word_holds_the_address(
    out: Out, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (error,) = out(address).send([(REFERENCE, MESSAGE)])
    assert error
    assert "hunter2" not in error
    assert out(None).send([(REFERENCE, MESSAGE)]) == (
        "secret.missing: env WPSTATE_SECRET_TELL: the variable is not set",
    )
    printed = capfd.readouterr()
    assert printed.out + printed.err == ""


def test_no_other_program_sees_the_address(out: Out) -> None:
    with deaf() as port, ThreadPoolExecutor() as beside:
        sending = out(f"json://hunter2@127.0.0.1:{port}/?rto=500", deadline_s=5)
        sent = beside.submit(sending.send, [(REFERENCE, MESSAGE)])
        seen = set()
        while not sent.done():
            for child in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    words = (child / "cmdline").read_bytes()
                    if b"outgoing_child" in words:
                        seen.add(child.name)
                        assert b"hunter2" not in words + (child / "environ").read_bytes()
            time.sleep(0.05)
        assert seen
        assert sent.result() == ("it took too long",)


def test_no_room_for_another_program_is_told_and_no_more(out: Out) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    sending = out("json://127.0.0.1:1/")
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        sent = sending.send([(REFERENCE, MESSAGE)] * 2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert sent == ("no program could be started: Too many open files",) * 2


def test_a_refusal_is_told(out: Out) -> None:
    with web() as server:
        server.status = 500
        address = f"json://127.0.0.1:{server.port}/"
        assert out(address).send([(REFERENCE, MESSAGE)]) == (
            "it was not taken, or nobody answered",
        )


def test_the_heartbeat_is_one_call(out: Out) -> None:
    with web() as server:
        address = f"http://127.0.0.1:{server.port}/ping/hunter2"
        assert out(address).beat(REFERENCE) is None
        assert server.requests == [("GET", "/ping/hunter2", None)]
        server.status = 404
        assert out(address).beat(REFERENCE) == "it answered 404"
        server.status = 301
        assert out(address).beat(REFERENCE) == "it answered 301"
    failed = out(address).beat(REFERENCE)
    assert failed
    assert "hunter2" not in failed
    assert out("json://h/hunter2").beat(REFERENCE) == "the address is neither http nor https"
    with deaf() as port:
        assert out(f"http://127.0.0.1:{port}/", deadline_s=1).beat(REFERENCE) == "it took too long"


def test_what_a_library_says_of_a_failure_is_not_passed_on() -> None:
    def fail(address: str) -> None:
        raise ValueError(address)

    assert attempt(fail, "json://hunter2") == "it failed with ValueError"


def test_what_could_only_open_a_second_ticket_gets_no_end(out: Out) -> None:
    assert opens_only("github://token@agency/sites")
    assert not opens_only("github://token@agency/sites/issues/7")
    assert not opens_only("json://127.0.0.1/")
    end = replace(MESSAGE, is_end=True)
    assert out("github://ghp_hunter2hunter2@agency/sites").send([(REFERENCE, end)]) == (None,)
