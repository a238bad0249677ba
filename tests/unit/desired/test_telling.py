"""`tell` in fleet.yml: short forms mean what the long ones say."""

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.secret import SecretReference
from wpstate.model.telling import AT_ONCE, TICKETS, Sort, Telling

_TO = """to:
    agency: {secret: {env: WPSTATE_SECRET_AGENCY}}
    desk: {secret: {file: desk}}"""


def _told(tell: str) -> Telling:
    fleet = f"name: agency\ntell:\n  {_TO}\n{tell}"
    return compose(sound_fleet() | {"fleet.yml": fleet}).telling


def test_nobody_is_told_where_nothing_is_said() -> None:
    assert compose(sound_fleet()).telling == Telling()


def test_what_nobody_wrote() -> None:
    told = _told("")
    assert told.receivers == (
        ("agency", SecretReference("env", "WPSTATE_SECRET_AGENCY")),
        ("desk", SecretReference("file", "desk")),
    )
    assert (told.at_once, told.at_once_to) == (AT_ONCE, ("agency", "desk"))
    assert (told.digest, told.quiet, told.heartbeat) == (None, None, None)
    assert told.tickets_to == ()
    assert told.silent_after_s is None


def test_who_has_tickets_has_no_other_messages_unless_named() -> None:
    told = _told("  tickets: desk\n  digest: mon-fri 08:00 Europe/Paris\n")
    assert (told.tickets, told.tickets_to) == (TICKETS, ("desk",))
    assert told.digest_to == told.at_once_to == ("agency",)
    named = _told("  tickets: desk\n  digest: {at: daily 08:00 UTC, to: [agency, desk]}\n")
    assert named.digest_to == ("agency", "desk")


def test_short_and_long_forms_are_one() -> None:
    quiet = "daily 20:00-07:00 Europe/Paris"
    assert _told(f"  quiet: {quiet}\n") == _told(f"  quiet: {{hours: {quiet}}}\n")
    assert _told("  tickets: desk\n") == _told("  tickets: {to: [desk]}\n")
    assert _told("  digest: sat 08:00 UTC\n") == _told("  digest: {at: sat 08:00 UTC}\n")
    assert _told("  at_once: [drift]\n") == _told("  at_once: {for: [drift]}\n")


def test_sorts_and_times() -> None:
    told = _told(
        "  at_once: {for: [drift, silent], to: desk}\n"
        "  quiet: {hours: daily 20:00-07:00 UTC, but: [site_down]}\n"
        "  tickets: {to: desk, for: [vulnerable]}\n"
        "  silent_after: 3h\n"
        "  heartbeat: {secret: {command: beat}}\n"
    )
    assert (told.at_once, told.at_once_to) == ((Sort.DRIFT, Sort.SILENT), ("desk",))
    assert told.wakes == (Sort.SITE_DOWN,)
    assert told.tickets == (Sort.VULNERABLE,)
    assert told.silent_after_s == 10_800
    assert told.heartbeat == SecretReference("command", "beat")
