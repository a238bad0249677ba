"""docs/kinds: each kind has its page, and each page is what the schema says today."""

import pytest

from tests.docs.kind_pages import PAGES, SCHEMAS, kind_page, kinds
from tests.docs.pages import page


@pytest.mark.parametrize("kind", kinds())
def test_a_page_is_as_its_schema(kind: str) -> None:
    assert (PAGES / f"{kind}.md").read_text("utf-8") == kind_page(kind)


@pytest.mark.parametrize("kind", kinds())
def test_a_page_is_found_from_the_language(kind: str) -> None:
    assert f"](kinds/{kind}.md)" in page("docs/language.md")


def test_no_page_is_of_a_kind_that_is_gone() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(kinds())


def test_what_may_be_written_is_told_as_the_schema_has_it() -> None:
    assert "| `wp_cron` |" in kind_page("cron")
    assert "`on`, `off` |" in kind_page("cron")
    assert (SCHEMAS / "cron.schema.json").is_file()
