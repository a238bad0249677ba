"""What became of the rows of writers.py: lost, doubled, another's; and a count of them."""

from collections import Counter
from collections.abc import Iterable

from tests.e2e.site import Site
from tests.e2e.writers import Answer, Writer

COLUMNS = {
    "posts": "post_title",
    "postmeta": "meta_value",
    "comments": "comment_content",
    "erp": "said",
    "lab_guestbook_said": "said",
}
"""Where a row's word stands in each table that the writers know. The last one goes by the name of
the plugin that is changed, and its rows have no numbers: nothing but a freeze that holds, and a
drain that waits, keeps what is written there from being rewound."""


def amiss(site: Site, writers: Iterable[Writer]) -> list[str]:
    """Rows that are not there as their writer was told, each with its table."""
    there = {
        table: Counter(site.sql(f"SELECT {column} FROM {{p}}{table}").splitlines())
        for table, column in COLUMNS.items()
    }
    found = []
    for writer in writers:
        for _, answer, row in writer.answers:
            for table, word in writer.words(row):
                times = there[table][word]
                fits = {
                    Answer.ACKNOWLEDGED: times == 1,
                    Answer.REFUSED: times == 0,
                    Answer.UNKNOWN: times <= 1,
                }[answer]
                if not fits:
                    found.append(
                        f"{type(writer).__name__}: {answer.value}, {times} times in {table}: {word}"
                    )
    strays = site.sql(
        "SELECT m.meta_value, p.post_title FROM {p}postmeta m LEFT JOIN {p}posts p"
        " ON p.ID = m.post_id WHERE (m.meta_key = '_order' OR m.meta_key LIKE '\\_line\\_%')"
        " AND NOT p.post_title <=> SUBSTRING_INDEX(m.meta_value, '.', 1)"
    ).splitlines()
    return [*found, *(f"an order has another's line: {stray}" for stray in strays)]


def counted(writers: Iterable[Writer]) -> str:
    """A line for each sort of writer: rows acknowledged, and what it was answered."""
    rows: Counter[str] = Counter()
    said: dict[str, Counter[str]] = {}
    for writer in writers:
        name = type(writer).__name__
        for row in writer.rows(Answer.ACKNOWLEDGED):
            rows[name] += len(tuple(writer.words(row)))
        said.setdefault(name, Counter()).update(writer.said)
    return "\n".join(
        f"{name:12} {rows[name]:6} rows acknowledged; answers: "
        + ", ".join(f"{answer} {times} times" for answer, times in sorted(said[name].items()))
        for name in said
    )
