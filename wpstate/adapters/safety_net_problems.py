"""What the safety net's program may say went wrong on a host, in words for people.

Reading its answers is left to adapters.safety_net_answers. docs/errors.md has each slug.
"""

from collections.abc import Mapping

from wpstate.model.problem import Failed, NeedsAttention, Problem, Refused, WpstateError

_AGAIN = "wait a little, then wpstate plan {site}"
_ROOM = "free space in the account, then wpstate plan {site}"
_DOCTOR = "wpstate doctor {site}"
_FOLDER = "give the folder of WordPress to the account"

SAID: Mapping[str, tuple[str, str]] = {
    "run.locked": ("another run holds this site", "wait until it ends"),
    "run.fenced": (
        "another run goes on with this site, and this one may only read",
        "wpstate plan {site}",
    ),
    "freeze.foreign": ("somebody else has frozen this site", "wait until it ends"),
    "freeze.failed": (
        "the site could not be frozen",
        _FOLDER,
    ),
    "freeze.lost": (
        "the freeze did not hold until the snapshot",
        "wait until WordPress's own updates are done, then wpstate plan {site}",
    ),
    "host.no_watchdog": (
        "nothing on this host would undo an abandoned run",
        "apply it at a terminal, or ask the hoster for cron",
    ),
    "beacon.failed": (
        "the beacon could not be placed",
        _FOLDER,
    ),
    "database.credentials": ("the database's credentials could not be read", "mend wp-config.php"),
    "database.client": (
        "the database client is missing on the host",
        "ask the hoster for it, or `database_client:` in hosts.yml",
    ),
    "database.unreachable": ("the database did not answer", _AGAIN),
    "database.tables": ("the tables could not be listed", _AGAIN),
    "snapshot.code": ("the code could not be copied", _ROOM),
    "snapshot.unreadable": ("a part of the code cannot be read", "mend its mode"),
    "snapshot.unwritable": (
        "a part of the code could not be put back, because it is not writable",
        "give these folders to the account, or `run_as:` their owner, in hosts.yml",
    ),
    "snapshot.names": ("a name is too unusual to be restored", "rename it"),
    "snapshot.fingerprint": ("the tables could not be fingerprinted", _AGAIN),
    "snapshot.dump": ("the tables could not be dumped", _ROOM),
    "snapshot.kept": ("tables could not be copied inside the server", _ROOM),
    "snapshot.damaged": (
        "the snapshot is damaged; nothing was written",
        "wpstate rollback {site} --to RUN with the older run that is named, or a backup",
    ),
    "rollback.no_component": (
        "the snapshot does not hold this component",
        "wpstate rollback {site} --to another run; ask for what that run brought as absent",
    ),
    "rollback.failed": (
        "the site could not be put back as it was",
        "mend what is named, then wpstate recover {site}",
    ),
    "restore.path": (
        "this cannot be put into the site by a run",
        "name a folder or file of the code, or restore into a folder with --to",
    ),
    "restore.settled": ("the run is already confirmed", "wpstate plan {site}"),
    "restore.running": ("a restore is under way", "wait until it ends"),
    "thaw.failed": ("the site could not be thawed", "delete .maintenance"),
    "net.wp_path": (
        "the WordPress folder cannot be entered",
        "see wp_path and run_as in hosts.yml",
    ),
    "net.state_public": (
        "the state folder lies inside the web root, and nobody has proved that it is private",
        _DOCTOR,
    ),
    "net.disk": ("the state folder cannot be written", _ROOM),
    "net.tools": ("the host lacks a tool that the safety net needs", _DOCTOR),
    "net.died": ("the work on the host ended without an answer", "wpstate recover {site}"),
    "net.usage": ("the safety net was asked for something it does not know", "report it"),
    "net.untrusted": ("the host's answer makes no sense", "see what the host prints at a login"),
}
"""What, and what to type or do about it, by slug."""

_REFUSED = (
    "run.locked",
    "freeze.foreign",
    "freeze.lost",
    "host.no_watchdog",
    "net.state_public",
    "net.tools",
    "restore.path",
    "snapshot.names",
    "snapshot.unwritable",
)
_ATTENTION = ("rollback.failed", "snapshot.damaged", "restore.running", "thaw.failed")


def told(slug: str, text: str, verb: str, site: str) -> WpstateError:
    """What the host said, as Refused, Failed or NeedsAttention."""
    if slug not in SAID:
        return untrusted(site, f"{verb} failed with an unknown error")
    problem = _problem(slug, site, text or None, f"step: {verb}")
    if slug in _REFUSED:
        return Refused([problem])
    if slug in _ATTENTION:
        return NeedsAttention([problem])
    return Failed([problem])


def untrusted(site: str, found: str) -> WpstateError:
    return Failed([_problem("net.untrusted", site, found, None)])


def _problem(slug: str, site: str, found: str | None, why: str | None) -> Problem:
    what, mend = SAID[slug]
    return Problem(slug, what, key=site, found=found, why=why, mend=mend.format(site=site))
