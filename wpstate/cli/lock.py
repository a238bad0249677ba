"""`wpstate lock`: record the bytes of every version that the fleet names."""

from pathlib import Path

import click

from wpstate.cli.options import examples, fleet_option


@click.command(
    "lock",
    short_help="Record the exact bytes of every approved version.",
    epilog=examples("wpstate lock", "wpstate lock --check", "wpstate lock --upgrade woocommerce"),
)
@click.option("--check", is_flag=True, help="Write nothing; exit 3 where the lock lacks something.")
@click.option("--recheck", is_flag=True, help="Ask every source whether it still serves the same.")
@click.option("--upgrade", multiple=True, metavar="SLUG", help="Accept new bytes for this slug.")
@click.option(
    "--theme-files",
    multiple=True,
    metavar="SITE",
    help="Only keep a copy of the code of this site's own theme, in theme-files/.",
)
@fleet_option
def command(
    check: bool,
    recheck: bool,
    upgrade: tuple[str, ...],
    theme_files: tuple[str, ...],
    fleet_folder: Path | None,
) -> None:
    """Fetch and inspect every version that a site or the catalog names, and write its sha256 to
    catalog.lock.yml. What is locked stays; other bytes under a locked version are refused.

    With --check nothing is fetched: it tells what the lock lacks, and where it says otherwise than
    the catalog or the zips beside it. With --recheck too, every source is asked."""
    if theme_files:
        _keep_theme_files(theme_files, fleet_folder)
        return
    from wpstate.adapters.lock_file import write_lock
    from wpstate.cli.output import say
    from wpstate.model.problem import Refused
    from wpstate.report.lines import Tone, line
    from wpstate.wiring import Wiring
    from wpstate.workflows.lock import lock, lock_text, schema_address, wanted_artifacts
    from wpstate.workflows.lock_check import left_over, lock_problems

    with Wiring(fleet_folder) as wired:
        source, fleet = wired.artifacts(), wired.fleet()
        if check:
            if problems := lock_problems(fleet, source):
                raise Refused(problems)
            if recheck:
                lock(fleet, source, recheck=True)
            for _, slug, version in left_over(fleet):
                say([line(f"? {slug} {version}  nobody asks for it: wpstate lock", Tone.FAINT)])
            count = len(wanted_artifacts(fleet))
            say([line(f"All {count} versions are locked.", Tone.GOOD)])
            return
        result = lock(fleet, source, upgrade=upgrade, recheck=recheck)
        text = lock_text(result.entries, schema_address(wired.texts()))
        if text != wired.texts().get("catalog.lock.yml"):
            write_lock(wired.fleet_folder, text)
    for entry in (*result.added, *(new for new, _ in result.replaced)):
        say([line(f"+ {entry.slug} {entry.version}  sha256 {entry.sha256[:16]}…", Tone.CHANGE)])
    say([line(f"{len(result.entries)} versions locked.", Tone.GOOD)])


def _keep_theme_files(sites: tuple[str, ...], fleet_folder: Path | None) -> None:
    from wpstate.cli.output import say
    from wpstate.report.lines import Tone, line
    from wpstate.wiring import Wiring
    from wpstate.workflows.theme_files import keep_theme_files

    with Wiring(fleet_folder) as wired:
        keeping = keep_theme_files(wired.fleet(), sites, wired.probe(), wired.kept_files())
        several = tuple(keeping)
    for kept in several:
        where = kept.folder.relative_to(wired.fleet_folder)
        say([line(f"+ {kept.theme} of {kept.site}: {kept.files} files in {where}", Tone.CHANGE)])
    if not several:
        say([line("Nothing to keep: the catalog has the zips of these themes.", Tone.GOOD)])
