"""Policy and looks out of merged layers. The schema has checked every form."""

from collections.abc import Iterable, Iterator, Mapping

from wpstate.desired.backup import read_backup
from wpstate.desired.caches import read_caches
from wpstate.desired.facts import read_answers
from wpstate.desired.layers import Layer
from wpstate.desired.quantities import duration_s, share
from wpstate.desired.secrets import look_headers
from wpstate.desired.updates import read_updates
from wpstate.model.desired import FreezePolicy, Look, Managed, Policy
from wpstate.model.node import Items, Map, Node, Text, texts_in
from wpstate.model.problem import Problem
from wpstate.resources.nearest import nearest
from wpstate.resources.said import Said


def read_policy(merged: Layer) -> Policy:
    """The limits that hold for one site; what nobody wrote keeps the model's default."""
    default = Policy()
    freeze, brake = merged.below("freeze"), merged.below("brake")
    exempt = _text(brake, "exempt")
    share_text = _text(brake, "share")
    return Policy(
        brake_share=share(share_text) if share_text else default.brake_share,
        brake_exempt=int(exempt) if exempt else default.brake_exempt,
        plan_ttl_s=_seconds(merged.below("plan"), "expires", default.plan_ttl_s),
        freeze=FreezePolicy(
            off=_text(freeze, "state") == "off",
            at_most_s=_seconds(freeze, "at_most", default.freeze.at_most_s),
            drain_s=_seconds(freeze, "drain", default.freeze.drain_s),
        ),
        look_timeout_s=float(
            _seconds(merged.below("look"), "timeout", int(default.look_timeout_s))
        ),
        look_headers=look_headers(merged.below("look")),
        may_change=texts(merged.words.get("may_change")),
        heal=texts(merged.words.get("heal")),
        vulnerabilities=read_answers(merged),
        visitors=texts(merged.words.get("visitors")),
        caches=read_caches(merged.below("caches")),
        updates=read_updates(merged),
        deep_look_s=_every(merged.below("deep_look")),
        backup=read_backup(merged),
        applies=(mode := merged.word("mode")) is not None and mode.text == "apply",
    )


def heal_problems(merged: Layer, managed: Iterable[Managed]) -> Iterator[Problem]:
    """Addresses under `heal` that the site does not manage: nothing would ever be healed."""
    said = merged.words.get("heal")
    known = {str(each.address) for each in managed}
    for item in said.value.items if said and isinstance(said.value, Items) else ():
        if isinstance(item, Text) and item.text not in known:
            close = nearest(item.text, sorted(known))
            yield Problem(
                "desired.heal_unmanaged",
                "heal names what the site does not manage",
                item.span,
                "heal",
                found=f'"{item.text}"',
                why="only what is managed can be put back",
                mend=f"write {close}" if close else "delete the entry",
            )


def read_looks(merged: Layer) -> tuple[Look, ...]:
    """Declared checks, sorted by path."""
    return tuple(_look(path, said) for path, said in sorted(merged.below("checks").items()))


def texts(said: Said | None) -> tuple[str, ...]:
    """The entries of a list of texts; none where nothing is said."""
    return _texts(said.value) if said else ()


def _look(path: str, said: Said) -> Look:
    match said.value:
        case Map() as long:
            status, ends_at = long.text("status"), long.text("ends_at")
            return Look(
                path=path,
                status=int(status.text) if status else 200,
                must_contain=_texts(long.get("contains")),
                must_not_contain=_texts(long.get("lacks")),
                final_path=ends_at.text if ends_at else None,
                span=long.span,
            )
        case value:
            return Look(path=path, must_contain=_texts(value), span=value.span)


def _texts(node: Node | None) -> tuple[str, ...]:
    return tuple(said.text for said in texts_in(node))


def _text(said: Mapping[str, Said], key: str) -> str | None:
    value = said[key].value if key in said else None
    return value.text if isinstance(value, Text) else None


def _every(said: Mapping[str, Said]) -> int | None:
    text = _text(said, "every")
    return duration_s(text) if text else None


def _seconds(said: Mapping[str, Said], key: str, default: int) -> int:
    text = _text(said, key)
    return (duration_s(text) if text else None) or default
