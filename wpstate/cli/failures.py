"""Tells why a command failed, as text or as JSON, and which exit code that is."""

import errno
import traceback
from contextlib import suppress
from itertools import pairwise

import click

from wpstate.cli import exit_codes
from wpstate.model.problem import Problem, WpstateError
from wpstate.resources.foreign_text import visible

_TRACE_CHARACTERS = 2000

_INTERRUPTED = Problem(
    "run.interrupted",
    "interrupted",
    why="a run that is stopped puts its site back, or ends it where it was confirmed already",
    mend="wpstate runs",
)


_OWN_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO, errno.EMFILE)


def wants_json(arguments: list[str]) -> bool:
    """Whether the command line asks for JSON; it may be one that cannot be parsed."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--format=json" in options or ("--format", "json") in pairwise(options)


def tell(error: BaseException, *, as_json: bool) -> int:
    """Say what happened: text on stderr, JSON (schemas/problems.schema.json) on stdout.

    Returns the exit code. Only a bug of wpstate shows a trace, on stderr.
    """
    if isinstance(error, WpstateError):
        problems, code = error.problems, exit_codes.of_error(error)
    elif isinstance(error, KeyboardInterrupt | click.exceptions.Abort):
        # click turns an interrupt into its Abort, and keeps it as the cause.
        stop = error.__cause__ or error
        told = tuple(problem for problem in stop.args if isinstance(problem, Problem))
        problems, code = (_INTERRUPTED, *told), exit_codes.INTERRUPTED
    elif isinstance(error, OSError) and error.errno in _OWN_TROUBLE:
        problems, code = (_own_trouble(error),), exit_codes.FAILED
    elif isinstance(error, click.ClickException):
        if not as_json:
            error.show()
            return exit_codes.USAGE
        problems, code = (_usage(error),), exit_codes.USAGE
    else:
        with suppress(OSError):
            click.echo("This is a bug in wpstate. Please report it with this trace.", err=True)
            for line in "".join(traceback.format_exception(error)).splitlines():
                click.echo(f"| {visible(line, _TRACE_CHARACTERS)}", err=True)
        if not as_json:
            return exit_codes.FAILED
        problems, code = (_bug(error),), exit_codes.FAILED
    # Where nobody can be told, the code still says it.
    with suppress(OSError):
        _print(problems, as_json=as_json)
    return code


def _print(problems: tuple[Problem, ...], *, as_json: bool) -> None:
    from wpstate.cli.output import say, say_json
    from wpstate.report.problems import problems_json, problems_lines

    if as_json:
        say_json(problems_json(problems))
    else:
        say(problems_lines(problems), to_stderr=True)


def _usage(error: click.ClickException) -> Problem:
    return Problem(
        "usage.command",
        "the command line is off",
        found=error.format_message(),
        mend="wpstate --help",
    )


def _own_trouble(error: OSError) -> Problem:
    return Problem(
        "controller.write",
        "this machine could not write",
        found=str(error),
        why="its disk, or where the output goes, may be full",
        mend="make room; what was done is in wpstate runs",
    )


def _bug(error: BaseException) -> Problem:
    return Problem(
        "wpstate.bug",
        "wpstate failed in a way that nobody foresaw",
        found=f"{type(error).__name__}: {error}",
        mend="report it with the trace on stderr",
    )
