"""Options of commands that show a plan to others than a person: its formats, and files of them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wpstate.cli.options import Decorator

if TYPE_CHECKING:
    from wpstate.report.rendered import Shown

FORMS = ("json", "markdown", "sarif", "junit", "gitlab", "github")
_JSON = ("json", "sarif", "gitlab")


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    report: Decorator = click.option(
        "--report",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        help="Also write the plan to this file in this format. May be given several times.",
    )
    artifact: Decorator = click.option(
        "--artifact",
        metavar="WHERE",
        help="Where the whole plan is kept, named where Markdown leaves out sites.",
    )
    return report(artifact(command))


def wanted_reports(reports: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    wanted = []
    for written in reports:
        form, _, path = written.partition("=")
        if form not in FORMS or not path:
            known = ", ".join(FORMS)
            raise click.UsageError(f"--report {written}: write FORMAT=FILE, of {known}")
        wanted.append((form, Path(path)))
    return tuple(wanted)


def print_report(shown: "Shown", form: str, step_summary: Path | None) -> None:
    from wpstate.cli.output import say_commands, say_json, say_markdown
    from wpstate.report.rendered import rendered, summary

    text = rendered(shown, form)
    if form == "github":
        say_commands(text.splitlines())
        if step_summary is not None:
            with step_summary.open("a", encoding="utf-8") as file:
                file.write(summary(shown))
    elif form in _JSON:
        say_json(text)
    else:
        say_markdown(text)


def write_report(shown: "Shown", form: str, path: Path) -> None:
    from wpstate.adapters.plans import write_text
    from wpstate.cli.output import harmless_json, visible_text
    from wpstate.report.rendered import rendered

    text = rendered(shown, form)
    write_text(path, (harmless_json(text) if form in _JSON else visible_text(text)) + "\n")
