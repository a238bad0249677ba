"""`wpstate import`: a site that already lives becomes a file of the fleet."""

from pathlib import Path

import click

from wpstate.cli.options import examples, fleet_option, format_option


@click.command(
    "import",
    short_help="Turn a living site into a file of the fleet.",
    epilog=examples(
        "wpstate import client@web1.example.org:/home/client/www --as boutique",
        "wpstate import client@web1.example.org:/home/client/www --as boutique --follow",
        "wpstate import --aliases wp-cli.yml",
    ),
)
@click.argument("place", metavar="[USER@HOST[:PORT]:PATH]", required=False)
@click.option("--as", "name", metavar="NAME", help="What the site is to be called.")
@click.option("--aliases", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Import each site of this wp-cli.yml, under its alias.")  # fmt: skip
@click.option("--follow", is_flag=True, help="Write `approved` where the live version is that.")
@click.option("--php", default="php", show_default=True, help="The host's PHP of the command line.")
@format_option("table", "json")
@fleet_option
def command(
    place: str | None,
    name: str | None,
    aliases: Path | None,
    follow: bool,
    php: str,
    output_format: str,
    fleet_folder: Path | None,
) -> None:
    """Observe a site, and write sites/NAME.yml and its entry in hosts.yml so that a plan straight
    after has nothing to do; code that WordPress runs unasked goes into files/NAME/. What was wrong
    that day stands in audits/NAME.md, and for programs in audits/NAME.json.

    No site is changed. Each host's key must be trusted: wpstate trust HOST. Of several sites, one
    that cannot be imported holds up no other.
    """
    from wpstate.adapters.fleet_writing import write_imported
    from wpstate.cli.output import harmless_json, say, say_json
    from wpstate.desired.places import place_of, places_of
    from wpstate.model.problem import Failed, Refused
    from wpstate.report.audit_text import audit_lines, audit_markdown
    from wpstate.report.lines import Tone, line
    from wpstate.report.record import to_json
    from wpstate.wiring import Wiring

    if (place is None) == (aliases is None) or (place is not None and not name):
        raise click.UsageError("name one PLACE with --as NAME, or a file with --aliases")
    if aliases is not None:
        places = places_of(str(aliases), aliases.read_text("utf-8", "surrogateescape"), php)
    else:
        assert place is not None
        assert name is not None
        places = (place_of(place, name, php),)
    audits = []
    errors: list[Refused | Failed] = []
    with Wiring(fleet_folder) as wired:
        for each in places:
            try:
                imported = wired.import_site(each, follow=follow)
                page, document = audit_markdown(imported.audit), to_json((imported.audit,))
                write_imported(wired.fleet_folder, imported, page, harmless_json(document) + "\n")
            except (Refused, Failed) as error:
                errors.append(error)
                continue
            audits.append(imported.audit)
            if output_format == "table":
                profile = ", ".join(imported.profiles) or "none fits"
                say([line(f"{each.name}: imported, profile {profile}", Tone.GOOD)])
                say(audit_lines(imported.audit))
                files = [f"sites/{each.name}.yml", "hosts.yml", *imported.files]
                files += [f"audits/{each.name}.md", f"audits/{each.name}.json"]
                say([line(f"Written: {', '.join(files)}")])
    if errors:
        gravest = Failed if any(isinstance(error, Failed) for error in errors) else Refused
        raise gravest(problem for error in errors for problem in error.problems)
    if output_format == "json":
        say_json(to_json(tuple(audits)))
    else:
        say([line(f"Next: wpstate lock, then wpstate plan {places[-1].name}")])
