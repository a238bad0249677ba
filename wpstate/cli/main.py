"""The entry point: finds a command, and turns errors into exit codes (cli.failures words them).

Commands are imported only when called: `wpstate --help` must answer at once.
"""

import importlib
import os
import sys
from typing import TextIO

import click

from wpstate import __version__
from wpstate.adapters.interrupts import INTERRUPTS
from wpstate.cli import exit_codes, failures
from wpstate.cli.collector import look_seldom
from wpstate.resources.nearest import nearest

COMMANDS = {
    "init": "Begin a fleet's folder.",
    "validate": "Check the fleet's files and list its sites.",
    "explain": "Show where each value of a site comes from.",
    "lock": "Record the exact bytes of every approved version.",
    "vault": "File paid plugins outside git.",
    "outdated": "Show new versions, and why they are proposed or wait.",
    "bump": "Propose new versions as pull requests.",
    "import": "Turn a living site into a file of the fleet.",
    "trust": "Show a host's key and pin it.",
    "observe": "Show what a site is now.",
    "doctor": "Prove what each site's host is fit for.",
    "facts": "Fetch and show what is known of versions.",
    "plan": "Show what would change on which sites.",
    "show": "Read a saved plan or a past run.",
    "apply": "Apply a saved plan, or plan and apply sites.",
    "patch": "Bring one plugin's fix to every site at once.",
    "adopt": "Propose that git asks for what was changed on a site.",
    "revert": "Plan that what was changed on a site is put back.",
    "exempt": "Propose that drift may stay until a day.",
    "reconcile": "Look at all sites, and change what waits for nobody.",
    "worker": "Carry out the runs that other machines hand over.",
    "acknowledge": "Hear no more of a trouble for some time.",
    "backup": "Make, list, prove and remove backups.",
    "restore": "Bring back what a backup holds.",
    "rollback": "Return a site to an earlier snapshot.",
    "recover": "Finish or undo what an abandoned run left.",
    "unlock": "Free a site from a run that hangs on its host.",
    "claim": "Make a copied or moved site one of its own.",
    "pin": "Propose that sites keep what a rolled back update left them.",
    "release": "Let quarantined changes be tried again.",
    "runs": "List past runs.",
    "metrics": "Print figures of passes and runs for a monitoring system.",
    "at": "Show what was asked of a site once, and confirmed by then.",
    "completion": "Print the shell completion script.",
}

EPILOG = """\b
Examples:
  wpstate validate
  wpstate plan boutique --out boutique.plan
  wpstate apply boutique.plan
  wpstate runs

\b
Environment:
  WPSTATE_FLEET    the fleet folder (default: the nearest folder with a fleet.yml)
  WPSTATE_HOME     pinned host keys, ledger and artifacts (default: ~/.local/state/wpstate)
  WPSTATE_DATABASE a PostgreSQL that several machines share (default: files in WPSTATE_HOME)
  WPSTATE_VAULT    zips of paid plugins (default: vault in WPSTATE_HOME)
  WPSTATE_SSH_KEY  the private key to connect with (default: your own SSH keys and agent)
  WPSTATE_SECRET_… secrets that the fleet's files may name
  WPSTATE_VAULT_PASSWORD_FILE   the password of the fleet's vaults
  NO_COLOR         no colours

\b
Exit codes: 0 done or in sync, 1 failed and the site is as it was, 2 changes pending
(--detailed-exitcode), 3 refused, 4 rolled back, 5 needs attention, 64 usage,
65 invalid desired state, 130 interrupted."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"wpstate.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest command where there is none of this name."""
        close = None if args[0] in COMMANDS else nearest(args[0], COMMANDS)
        if close:
            ctx.fail(f"No such command '{args[0]}'. Did you mean '{close}'?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="wpstate")
def wpstate() -> None:
    """Keep WordPress sites as git says: plan, apply behind a safety net, put back."""


def main() -> None:
    """Run a command and exit with a code of the table; a user's mistake never shows a trace."""
    _open_closed_streams()
    look_seldom()
    INTERRUPTS.install()
    sys.unraisablehook = _mention
    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _silence(stream)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        code = wpstate.main(arguments, prog_name="wpstate", standalone_mode=False)
    except BrokenPipeError:
        # whoever read us has gone; what was done is in the ledger
        _silence(sys.stdout)
        return exit_codes.FAILED
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  the last line before the user
        return failures.tell(error, as_json=failures.wants_json(arguments))
    return code if isinstance(code, int) else exit_codes.DONE


def _open_closed_streams() -> None:
    """A stream closed before we began must not become the number of a socket or the ledger."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _mention(what: "sys.UnraisableHookArgs") -> None:
    """Python prints what fails while it clears away; after an interrupt, half made things may."""
    if not INTERRUPTS.noted:
        sys.__unraisablehook__(what)


def _silence(stream: TextIO) -> None:
    """What is still buffered goes nowhere, instead of into Python's own complaint at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
