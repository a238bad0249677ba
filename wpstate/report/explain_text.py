"""Where each value of a site comes from, as text and JSON."""

import json
from collections.abc import Iterable, Iterator

from wpstate.model.desired import DesiredState, Managed, Setting
from wpstate.model.source import SourceSpan
from wpstate.report.lines import Line, Part, Tone, line
from wpstate.resources.foreign_text import visible


def explain_lines(desired: DesiredState, settings: Iterable[Setting]) -> Iterator[Line]:
    """One line per value with the place that set it; below it what it resolves to and what it
    overrode, nearest layer first."""
    managed = {str(each.address): each for each in desired.managed}
    kept = tuple(settings)
    width = max((len(setting.key) for setting in kept), default=0)
    value_width = min(max((len(_value(s.value)) for s in kept), default=0), 40)
    yield line(f"{desired.site.id} · {desired.site.url}", Tone.STRONG)
    for setting in kept:
        yield (
            Part(f"  {setting.key:<{width}}  "),
            Part(f"{_value(setting.value):<{value_width}}  ", Tone.STRONG),
            Part(str(setting.span)),
        )
        follows = _follows(setting, managed.get(setting.key))
        if follows:
            yield line(f"  {'':<{width}}  → {follows}")
        for name, text in desired.approval.told.get(setting.key, {}).items():
            yield line(f"  {'':<{width}}  {name}: {visible(text)}", Tone.FAINT)
        for value, span in setting.overrides:
            text = f"  {'':<{width}}  overrides {_value(value)}  {span}"
            yield line(text, Tone.FAINT)


def explain_json(desired: DesiredState, settings: Iterable[Setting]) -> str:
    """The same facts as JSON, described by schemas/explain.schema.json."""
    managed = {str(each.address): each for each in desired.managed}
    document = {
        "site": str(desired.site.id),
        "settings": [
            _facts(setting, managed.get(setting.key))
            | {"catalog": dict(desired.approval.told.get(setting.key, {}))}
            for setting in settings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _value(text: str) -> str:
    return visible(text, limit=200)


def _follows(setting: Setting, managed: Managed | None) -> str | None:
    """What a word such as `approved` comes to, where another file says so."""
    if managed is None or managed.span.file == setting.span.file:
        return None
    return f"{managed.want.version}  {managed.span}"


def _facts(setting: Setting, managed: Managed | None) -> dict[str, object]:
    follows = managed if managed and managed.span.file != setting.span.file else None
    return {
        "key": setting.key,
        "value": setting.value,
        "where": _place(setting.span),
        "resolves_to": follows.want.version if follows else None,
        "resolved_by": _place(follows.span) if follows else None,
        "overrides": [{"value": v, "where": _place(span)} for v, span in setting.overrides],
    }


def _place(span: SourceSpan) -> dict[str, object]:
    return {"file": span.file, "line": span.line, "column": span.column}
