"""`wpstate completion`: the script that makes a shell complete wpstate's commands."""

import click

from wpstate.cli.options import examples


@click.command(
    "completion",
    short_help="Print the shell completion script.",
    epilog=examples(
        'eval "$(wpstate completion bash)"',
        "wpstate completion fish > ~/.config/fish/completions/wpstate.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script for SHELL; source it from your shell's start-up file."""
    from click.shell_completion import get_completion_class

    from wpstate.cli.main import wpstate

    completer = get_completion_class(shell)
    assert completer is not None
    click.echo(completer(wpstate, {}, "wpstate", "_WPSTATE_COMPLETE").source())
