"""Whatever a fleet file holds, composing gives a fleet or InvalidDesiredState, never a trace."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.desired.folders import REPOSITORY, sound_fleet, texts_below
from wpstate.desired.compose import compose
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.report.lines import plain
from wpstate.report.problems import problems_json, problems_lines

_FLEET = sound_fleet() | {
    path: text
    for path, text in texts_below(REPOSITORY / "inventories" / "example").items()
    if path.startswith(("profiles/", "catalog"))
}
_PATHS = (*sorted(_FLEET), "catalog.lock.yml")
_SIGNS = "{ } [ ] ' \" : - # ? % ~ & * << --- | > ! , é &a *a !!x"
_WORDS = "true null approved 1.0 core plugins url profiles"
_SPACED = (": ", "- ", "? ", "\n", "\n  ", "\t", "|\n", "{{ x }}", "&a [*a]")
_TOKENS = st.sampled_from((*_SIGNS.split(), *_WORDS.split(), *_SPACED))


def _problems(texts: dict[str, str]) -> tuple[Problem, ...]:
    try:
        compose(texts)
    except InvalidDesiredState as invalid:
        return invalid.problems
    return ()


def _composes(texts: dict[str, str]) -> None:
    problems = _problems(texts)
    assert plain(problems_lines(problems)).count("  where  ") >= len(problems)
    assert json.loads(problems_json(problems))["problems"] or not problems
    assert all(problem.where for problem in problems)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(_PATHS), noise=st.binary(max_size=200))
@example(path="sites/boutique.yml", noise=b"\xff\xfeu\x00")
def test_any_bytes(path: str, noise: bytes) -> None:
    _composes(_FLEET | {path: noise.decode("utf-8", "surrogateescape")})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(_PATHS), tokens=st.lists(_TOKENS, max_size=30))
def test_any_tokens(path: str, tokens: list[str]) -> None:
    _composes(_FLEET | {path: "".join(tokens)})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), token=_TOKENS)
def test_any_small_change(data: st.DataObject, token: str) -> None:
    path = data.draw(st.sampled_from(sorted(_FLEET)))
    text = _FLEET[path]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    _composes(_FLEET | {path: text[:start] + token + text[end:]})


@settings(max_examples=30, deadline=None)
@given(path=st.text(min_size=1, max_size=40))
@example(path="sites/.yml")
@example(path="sites/")
@example(path="/")
def test_any_path(path: str) -> None:
    _composes(_FLEET | {path: "url: https://x.example\n"})
