"""Drift that somebody exempted: told as such until its day is over, and as drift after it.

Which exemptions hold today is left to desired.rules; who made the change to authorship.
"""

from collections.abc import Iterable
from dataclasses import replace

from wpstate.model.plan import Noted
from wpstate.model.rules import Exemption, Rules


def with_exemptions(noted: Iterable[Noted], rules: Rules) -> tuple[Noted, ...]:
    """Only drift can be exempt: where git moved as well, a person decides all the same."""
    ended = {each.address: each for each in rules.exempt_ended}
    return tuple(
        _told(one, rules.exemption(one.address), ended.get(one.address))
        if one.sort == "drift"
        else one
        for one in noted
    )


def _told(one: Noted, holds: Exemption | None, ended: Exemption | None) -> Noted:
    if holds is not None:
        why = f": {holds.why}" if holds.why else ""
        text = f"exempt until {holds.until} by {holds.owner}{why}"
        return replace(one, sort="exempt", text=text)
    if ended is not None:
        over = f"the exemption by {ended.owner} ended on {ended.until}"
        return replace(one, text=f"{one.text}; {over}")
    return one
