"""A page's words and links, and pages that were made to be slow."""

import time

import pytest

from wpstate.model.look import LookRequest, LookSeen
from wpstate.planning.page_signs import signs, warnings
from wpstate.planning.page_text import link_hosts, words

PAGE = """<!DOCTYPE html><html><head><title>Shop title</title></head><body class="home-page">
<!-- hidden > words --><h1>Our <b>Bread</b></h1><header>Bonjour</header>
<script>if (a<b && c>d) { document.write("script words"); }</script>
<style>.styled { color: red }</style><noscript>nojavascript</noscript>
<p>flour &amp; water</p><a title="a>b" href='https://other.example/x?y'>away</a>
<form action=//forms.example:8080/send></form><a href="/here">here</a></body></html>"""


def test_the_words_are_those_that_a_reader_sees() -> None:
    seen = words(PAGE)
    assert {"our", "bread", "bonjour", "flour", "water", "away", "here"} <= seen
    assert not seen & {"hidden", "script", "styled", "nojavascript", "home", "title", "shop"}


def test_links_and_forms_lead_to_hosts() -> None:
    assert link_hosts(PAGE) == {"other.example", "forms.example:8080"}


def test_an_entity_hides_no_host() -> None:
    assert link_hosts('<a href="&#104;ttps://spam.example/">x</a>') == {"spam.example"}
    assert link_hosts(f'<a href="&#{"9" * 6000};">x</a><a href="http://[">y</a>') == set()


@pytest.mark.parametrize(
    "unit",
    [
        *("<div>", "<b>", "<", "<a ", "href=", "href = ", "href=&#", "<!--", "<script>"),
        *("<b>Warning</b>: a in b", "<b>Fatal error</b>: x", "PHP Fatal error: "),
        *("\nWarning: " + " in a" * 60, "\nParse error: " + "a.php " * 45),
        *("<title>Apache2 ", "wordpress &rsaquo;<title>", "a", "\x00", "\ud800", "&amp;"),
    ],
)
def test_no_page_is_slow_to_judge(unit: str) -> None:
    page = (unit * ((2 << 20) // len(unit)))[: 2 << 20]
    seen = LookSeen(LookRequest("/", "http://x/"), 500, "http://x/", (), page, 0.1)
    began = time.process_time()
    words(page)
    link_hosts(page)
    signs(seen)
    warnings(seen)
    assert time.process_time() - began < 5
