"""Pages out of the trash, as WordPress takes them: converge, again, check mode."""

from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.roles.role_site import RoleSite
from wpstate.model.state import Json
from wpstate.ports import PlaybookResult


@pytest.fixture(scope="module")
def site() -> Iterator[RoleSite]:
    with borrowed("moved", reset=True) as lab:
        site = RoleSite(lab)
        site.make_run_dir()
        yield site


def restore(site: RoleSite, *names: str, check: bool = False) -> PlaybookResult:
    changes = [
        {"name": name, "before": {"value": "in the trash"}, "after": {"value": "accueil"}}
        for name in names
    ]
    told: Json = {"content": {"changes": changes, "in_wordpress": True}}
    return site.apply({**site.apply_vars(), "kinds": told}, check=check)


def page(site: RoleSite, slug: str, parent: str = "0") -> str:
    named = (f"--post_name={slug}", f"--post_title={slug}", f"--post_parent={parent}")
    return site.wp(
        "post", "create", "--post_type=page", "--post_status=publish", *named, "--porcelain"
    )


def told(site: RoleSite, page_id: str) -> str:
    fields = "post_name, post_status, post_parent"
    statement = f"SELECT {fields} FROM {site.lab.prefix}posts WHERE ID = {page_id}"
    return site.lab.rows(statement).strip()


def front(site: RoleSite) -> list[str]:
    return [site.wp("option", "get", name) for name in ("show_on_front", "page_on_front")]


def test_the_front_page_and_a_child_come_back_once(site: RoleSite) -> None:
    home = page(site, "accueil")
    child = page(site, "equipe", home)
    site.wp("option", "update", "page_on_front", home)
    site.wp("option", "update", "show_on_front", "page")
    site.wp("post", "delete", child, home)
    assert front(site) == ["posts", "0"]
    names = ("home", "pages.accueil/equipe")

    assert restore(site, *names, check=True).changed == ("Start WordPress once",)
    assert told(site, home) == "accueil__trashed\ttrash\t0"
    done = restore(site, *names)

    assert done.ok, done.failure
    boot = dict(done.results)["Start WordPress once"]["boot"]
    assert isinstance(boot, dict)
    assert boot["kinds"] == {"content": list(names)}
    assert told(site, home) == "accueil\tpublish\t0"
    assert told(site, child) == f"equipe\tpublish\t{home}"
    assert front(site) == ["page", home]
    again = restore(site, *names)
    assert (again.ok, again.changed) == (True, ())


def test_what_never_was_published_is_not_published_now(site: RoleSite) -> None:
    draft = page(site, "brouillon")
    site.wp("post", "update", draft, "--post_status=draft")
    site.wp("post", "delete", draft)

    refused = restore(site, "pages.brouillon")

    assert refused.failure is not None
    assert "not in the trash" in refused.failure.message
    assert told(site, draft).split("\t")[1] == "trash"


def test_a_slug_that_somebody_took_meanwhile_is_not_taken_from_them(site: RoleSite) -> None:
    old = page(site, "offres")
    site.wp("post", "delete", old)
    taken = page(site, "offres")
    site.wp("post", "update", taken, "--post_status=private")

    refused = restore(site, "pages.offres")

    assert refused.failure is not None
    assert told(site, taken) == "offres\tprivate\t0"
