"""What can be wrong with a constant, in words. When it is wrong is left to resources.constants."""

from wpstate.model.change import Change
from wpstate.model.node import Text
from wpstate.model.problem import Problem
from wpstate.model.state import Address, name_of

_FORMS = {
    "conditional": ("inside a condition, a loop or a function", "move it out of the condition"),
    "computed": ("with a value that is computed, for example by getenv", "change it at its source"),
    "elsewhere": ("not in wp-config.php but in a file that it includes", "change it in that file"),
    "overridden": ("first by an included file, so that wp-config.php's own line is without effect",
                   "change it in that file"),
    "late": ("after WordPress was loaded", "move it above the line that loads wp-settings.php"),
    "untold": ("nobody knows where: the probe did not tell", "look at wp-config.php"),
    "twice": ("more than once", "delete all but one"),
}  # fmt: skip
_OBSTACLES = {
    "tokenizer": ("PHP lacks its tokenizer", "ask the host for PHP's extension tokenizer"),
    "link": ("it is a link: other sites may read the same file", "put the file itself there"),
    "unreadable": ("it is missing, unreadable or over 1 MiB", "look at its owner and mode"),
    "owner": ("it belongs to another account", "run_as: its owner, in hosts.yml"),
    "folder": ("its folder is not writable", "make the folder writable for its owner"),
    "no_place": ("no plain line in it loads wp-settings.php", "define the constant by hand once"),
}


def word(address: Address, value: Text) -> Problem:
    return Problem(
        "desired.constant",
        "the word is no value to PHP",
        value.span,
        address,
        found=f'"{value.text}"',
        why="it would be kept as text, and PHP takes every such text for true",
        mend=f"write true or false, or {{value: {value.text}, type: text}} for the very word",
    )


def defined_otherwise(change: Change, form: str, name: str | None = None) -> Problem:
    """`name` where it is not that of the change."""
    how, mend = _FORMS[form]
    return Problem(
        "plan.constant_place",
        "wp-config.php does not define this constant plainly",
        change.source,
        change.address,
        found=f"{name or name_of(change.address)} is defined {how}",
        why="only a plain define with a plain value can be edited and known to hold",
        mend=f"{mend} on the site, or name it `client`",
    )


def file(change: Change, obstacle: str) -> Problem:
    why, mend = _OBSTACLES[obstacle]
    return Problem(
        "plan.config_file",
        "wp-config.php cannot be edited on this site",
        change.source,
        change.address,
        found=why,
        why="its bytes, owner and mode must stay as they are but for the constant",
        mend=mend,
    )
