"""On whose word a run changed a site: names out of commits, and no address of anybody."""

from dataclasses import replace

from tests.builders import NOW, desired, managed, observed, version
from wpstate.model.authority import Authority
from wpstate.model.proposal import CommitWords
from wpstate.planning.authority import approvers_of, author_of, authority_of, person
from wpstate.planning.build import build

MERGE = CommitWords(
    "c" * 40,
    "Forge <noreply@forge.example>",
    "Merge #12\n\nReviewed-by: not this one\n\nMore.\n\n"
    "Reviewed-by: Ada Baker <ada@example.org>\napproved-by: Bob\nCo-authored-by: Eve <e@x.org>\n"
    "Approved-by: Ada Baker <other@example.org>\n",
    ("a" * 40, "b" * 40),
)


def test_trailers_of_the_last_paragraph_name_who_approved() -> None:
    assert approvers_of(MERGE.message, ()) == ("Ada Baker", "Bob")
    assert approvers_of(MERGE.message, ("Carl", "Bob")) == ("Carl", "Bob", "Ada Baker")
    assert approvers_of("Fix: it\r\n\r\nReviewed-by: Ada\r\n", ()) == ("Ada",)
    assert approvers_of("", ()) == ()
    assert len(approvers_of("x\n\n" + "\n".join(f"Reviewed-by: P{n}" for n in range(99)), ())) == 20


def test_a_merge_is_by_whoever_wrote_what_it_brought() -> None:
    wrote = CommitWords("b" * 40, "Dora <dora@example.org>", "Pin", ("a" * 40,))
    assert author_of(MERGE, wrote) == "Dora"
    assert author_of(MERGE, None) == "Forge"


def test_no_address_is_taken_over() -> None:
    assert person("Ada <ada@example.org>") == "Ada"
    nobody = person("<Ada@Example.org>")
    assert nobody == person("ada@example.org <ada@example.org>")
    assert nobody is not None
    assert nobody.startswith("person ")
    assert person(" ") is None
    assert person("A\x1b[31mda") == "A[31mda"
    assert len(person("x" * 5000) or "") == 100


def test_a_run_names_the_plan_that_people_saw() -> None:
    pair = desired(managed("plugins.x", version("1.1"))), observed({"plugins.x": version("1.0")})
    plan = build("p", "f", [pair], revision=None, dirty=False, now=NOW)
    word = Authority("d" * 64, "Ada", ())
    assert authority_of(plan, plan.sites[0]) is None
    assert authority_of(replace(plan, authority=word), plan.sites[0]) == word
    shown = replace(plan.sites[0], shown="e" * 64)
    assert authority_of(replace(plan, authority=word), shown) == replace(
        word, digest="e" * 64, agreed=True
    )
