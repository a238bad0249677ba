"""An import's site file: what each kind writes down of a living site, and that nothing is to do
after it. What the probe would answer is made of one description of the site, whatever is asked."""

import hashlib
import shlex
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.builders import NOW
from tests.unit.desired.folders import sound_fleet
from tests.unit.test_observation import entry, plugin, text_of
from wpstate.desired.compose import compose
from wpstate.desired.parts import take_apart
from wpstate.desired.schemas import schema
from wpstate.desired.written import in_one, site_text
from wpstate.model.desired import DesiredState
from wpstate.model.imported import Written
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Failed, Problem
from wpstate.model.site import SiteId
from wpstate.model.state import Address
from wpstate.planning.build import build_site
from wpstate.planning.compare import compare
from wpstate.ports import CommandResult
from wpstate.resources.catalog import Catalog
from wpstate.resources.observation import observed_states
from wpstate.resources.registry import KIND
from wpstate.workflows.copied_files import with_bytes
from wpstate.workflows.imported_file import SiteFile, shortest

URL = "https://b.example"
CODE = b"<?php // the agency's\n"
KINDS = ("core", "plugins", "cron", "mail", "auto_updates", "mu_plugins", "dropins")


@dataclass
class Living:
    """A site as it lives, and the shell of its account."""

    constant: dict[str, Any] = field(default_factory=lambda: {"form": "missing"})
    schedule: str | None = None
    overdue_s: int = 0
    mail_sha256: str | None = None
    minor: bool = True
    fixed: str | None = None
    updates_itself: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    """By path below the content folder."""
    links: tuple[str, ...] = ()
    limit_bytes: int = 1 << 30

    def look(self, desired: DesiredState) -> ObservedState:
        site, asked = desired.site.id, desired.questions
        answers = {kind: self._answer(kind, asked[kind]) for kind in KINDS if kind in asked}
        text = text_of(
            entry(
                id=site,
                kinds=answers,
                options={"home": URL, "db_version": "61833"},
                core={"version": "7.1.1", "db_version": 61833, "locale": None},
                plugins=[
                    plugin("akismet/akismet.php", active=True, version="5.5"),
                    plugin("woocommerce/woocommerce.php", active=False, version="10.1"),
                ],
            )
        )
        seen = observed_states(text, [SiteId(site)], NOW)[SiteId(site)]
        assert seen.faults == ()
        return seen

    def _answer(self, kind: str, asked: Any) -> dict[str, Any]:
        match kind:
            case "cron":
                late = self.overdue_s > asked["overdue_s"]
                constants = {"DISABLE_WP_CRON": self.constant}
                return {
                    "hooks": {},
                    "overdue": {"count": late * 2, "hooks": ["backup"] * late},
                    "crontab": "there",
                    "schedule": self.schedule,
                    "is_ours": self.schedule is not None,
                    "constants": {"obstacle": None, "has_place": True, "constants": constants},
                }
            case "mail":
                return {"folder": "/www/wp-content/mu-plugins", "sha256": self.mail_sha256}
            case "auto_updates":
                on = self.updates_itself
                plugins = {slug: slug in on for slug in asked["plugins"]}
                said = {"major": False, "fixed": self.fixed, "never": None, "on": list(on)}
                return {"minor": self.minor, "plugins": plugins, **said}
            case "mu_plugins" | "dropins":
                folder = "/www/wp-content" + ("/mu-plugins" if kind == "mu_plugins" else "")
                return {"folder": folder, "link": False, "files": list(self._files(folder))}
            case _:
                raise AssertionError(kind)

    def _files(self, folder: str) -> Any:
        for path, content in self.files.items():
            where, _, name = f"/www/wp-content/{path}".rpartition("/")
            if where == folder:
                sha256 = hashlib.sha256(content).hexdigest()
                yield {"name": name, "sha256": sha256, "link": name in self.links}

    def run(
        self, command: str, stdin: bytes = b"", *, timeout_s: float, max_bytes: int = 1 << 24
    ) -> CommandResult:
        """As a shell would run it."""
        words = shlex.split(command)
        assert words[:2] + words[3:6] == ["test", "-f", "&&", "exec", "cat"]
        assert words[6] == f"<{words[2]}"
        content = self.files.get(words[2].removeprefix("/www/wp-content/"))
        if content is None:
            return CommandResult(1, b"", b"")
        if len(content) > min(max_bytes, self.limit_bytes):
            raise Failed([Problem("host.too_much_output", "too much")])
        return CommandResult(0, content, b"")


def lines_of(site: Living, texts: dict[str, str]) -> tuple[Written, ...]:
    asked = "\n".join(KIND[kind].adopts for kind in KINDS if KIND[kind].adopts)
    draft = compose({**texts, "sites/boutique.yml": f"url: {URL}\n{asked}\n"}).sites[0]
    seen, catalog = site.look(draft), take_apart(texts).catalog or Catalog()
    several = [w for kind in KINDS for w in KIND[kind].adopted(seen, catalog, follow=False)]
    return in_one(several)


def imported(site: Living, *profiles: str, **changes: str) -> tuple[SiteFile, dict[str, bytes]]:
    """The site file, after which nothing is to do, and the files that it needs."""
    texts = sound_fleet(**changes)
    lines, files = with_bytes(lines_of(site, texts), site)
    texts |= {path: data.decode("utf-8", "surrogateescape") for path, data in files.items()}

    def composed(text: str) -> DesiredState:
        return compose({**texts, "sites/boutique.yml": text}).sites[0]

    file = shortest(URL, profiles, lines, composed, site.look)
    assert isinstance(file, SiteFile), file
    plan = build_site(composed(file.text), site.look(composed(file.text)))
    assert plan.changes == ()
    assert {n.sort for n in plan.noted} <= {"unmanaged", "client"}
    return file, dict(files)


@pytest.mark.parametrize(
    ("site", "written"),
    [
        (Living(), ["wp_cron: on"]),
        (
            Living({"form": "plain", "type": "boolean", "json": "true"}),
            ["schedule: host", "wp_cron: off"],
        ),
        (
            Living({"form": "plain", "type": "boolean", "json": "true"}, "*/15 * * * *"),
            ["every: 15m", "wp_cron: off"],
        ),
        (Living(overdue_s=7200), ["overdue: 24h", "wp_cron: on"]),
        # Neither is there a word for it, nor for events that nobody started for days.
        (Living(schedule="*/15 * * * *"), []),
        (Living(overdue_s=200_000), []),
    ],
)
def test_who_starts_events_is_written_down(site: Living, written: list[str]) -> None:
    text = imported(site)[0].text
    below = text.partition("\ncron:\n")[2].split("\n")
    told = [line.partition("#")[0].strip() for line in below if line.startswith("  ")]
    assert [line for line in told if line][: len(written)] == written
    assert ("\ncron:" in text) is bool(written)


def test_late_events_are_a_weak_point_of_the_audit() -> None:
    assert KIND["cron"].is_weak_point(Address("cron.overdue"))
    assert not KIND["cron"].is_weak_point(Address("cron.wp_cron"))
    assert KIND["security"].is_weak_point(Address("security.xmlrpc"))
    assert KIND["content"].is_weak_point(Address("content.indexable"))
    assert not KIND["options"].is_weak_point(Address("options.blogname"))


def test_whether_it_sends_mail_is_written_down() -> None:
    from wpstate.resources.mail import CODE as NO_MAIL

    assert "\nmail: on\n" in imported(Living())[0].text
    off = Living(mail_sha256=hashlib.sha256(NO_MAIL.encode()).hexdigest())
    assert "\nmail: off  " in imported(off)[0].text
    assert "is that meant?" in imported(off)[0].text
    assert "mail:" not in imported(Living(mail_sha256="0" * 64))[0].text


def test_what_updates_itself_is_asked_to_go_on() -> None:
    text = imported(Living(updates_itself=("akismet", "not-in-the-catalog")))[0].text
    assert "  akismet: {version: 5.5, auto_updates: on}  # updates itself here" in text
    assert "  woocommerce: {version: 10.1, state: inactive}\n" in text
    assert "auto_updates:\n  plugins: off\n" in text
    assert "core:\n  auto_updates: minor\n" in text
    assert "  auto_updates: off\n  locale" in imported(Living(minor=False))[0].text
    assert "not-in-the-catalog" not in text
    # A word that only a constant knows is not one of ours.
    assert "core:\n  locale" in imported(Living(fixed="beta"))[0].text


def test_what_was_written_down_is_drift_once_it_changes() -> None:
    site = Living(files={"mu-plugins/agency.php": CODE, "db.php": CODE + b"x"})
    file, files = imported(site)
    texts = {path: data.decode() for path, data in files.items()}
    desired = compose({**sound_fleet(), **texts, "sites/boutique.yml": file.text}).sites[0]
    site.files["mu-plugins/agency.php"] = CODE + b"// and a back door\n"
    site.files["db.php"] = b"<?php // another\n"
    site.mail_sha256 = "0" * 64
    site.minor = False
    site.updates_itself = ("akismet",)
    site.constant = {"form": "plain", "type": "boolean", "json": "true"}
    assert {str(change.address) for change in compare(desired, site.look(desired)).changes} == {
        "auto_updates.core",
        "auto_updates.plugins.akismet",
        "cron.wp_cron",
        "dropins.db.php",
        "mail.sending",
        "mu_plugins.agency.php",
    }


def test_code_that_runs_unasked_comes_with_its_bytes() -> None:
    latin = "<?php // é\n".encode("latin-1")
    odd = {"mu-plugins/a name.php": CODE, "mu-plugins/wpstate-x.php": CODE, "sunrise.php": CODE}
    files = {"mu-plugins/agency.php": CODE, "mu-plugins/db.php": latin, "db.php": b""}
    file, kept = imported(Living(files={**files, **odd}))
    assert kept == {
        "files/boutique/mu_plugins-agency.php": CODE,
        "files/boutique/mu_plugins-db.php": latin,
        "files/boutique/dropins-db.php": b"",
    }
    told = [" ".join(line.split()) for line in file.text.splitlines()]
    assert (
        "db.php: files/boutique/dropins-db.php # where a plugin writes it anew, write `client`"
        in (told)
    )
    (agency,) = [line for line in told if line.startswith("agency.php: ")]
    assert agency.startswith(
        "agency.php: files/boutique/mu_plugins-agency.php # runs on every page"
    )
    assert "a name" not in file.text


def test_bytes_that_the_fleet_has_are_named_where_they_are() -> None:
    site = Living(files={"mu-plugins/agency.php": CODE})
    fleet = {"files/shared/agency.php": CODE.decode()}
    texts = {**sound_fleet(), **fleet}
    (line,) = [w for w in lines_of(site, texts) if w.keys[0] == "mu_plugins"]
    assert (line.value, line.copy) == ("files/shared/agency.php", None)
    # Of that name other bytes lie there already, from an earlier import: they stay.
    texts = {**sound_fleet(), "files/boutique/mu_plugins-agency.php": "<?php // before\n"}
    (line,) = [w for w in lines_of(site, texts) if w.keys[0] == "mu_plugins"]
    sha256 = hashlib.sha256(CODE).hexdigest()
    assert line.value == f"files/boutique/mu_plugins-{sha256[:12]}-agency.php"


@pytest.mark.parametrize("why", ["too large", "gone", "other bytes", "a link"])
def test_bytes_that_cannot_be_had_are_left_to_whoever_put_them_there(why: str) -> None:
    site = Living(files={"mu-plugins/agency.php": CODE})
    site.links = ("agency.php",) if why == "a link" else ()
    site.limit_bytes = 3 if why == "too large" else site.limit_bytes
    texts = sound_fleet()
    lines = lines_of(site, texts)
    if why == "gone":
        site.files = {}
    if why == "other bytes":
        site.files = {"mu-plugins/agency.php": b"<?php // now\n"}
    kept, files = with_bytes(lines, site)
    (line,) = [w for w in kept if w.keys[0] == "mu_plugins"]
    assert files == {}
    assert (line.value, line.copy) == ("client", None)
    assert line.comment == (
        "a link: it changes with what it leads to"
        if why == "a link"
        else "its bytes could not be copied: it is too large, or may not be read"
    )
    compose({**texts, "sites/boutique.yml": site_text(URL, (), kept, ())})


@pytest.mark.parametrize("kind", ["mu_plugins", "dropins"])
def test_names_of_code_are_those_that_the_schema_takes(kind: str) -> None:
    names = schema(f"kinds/{kind}")["propertyNames"]
    taken: Any = KIND[kind]
    tried = [*names.get("enum", ()), "a.php", "sunrise.php", "_a-b.c.php", ".a.php", "a/b.php"]
    tried += ["wpstate-a.php", "x" * 124 + ".php", "x" * 125 + ".php", "é.php", "a.php\n", "php"]
    for name in tried:
        text = f"url: {URL}\n{kind}: {{{name!r}: client}}\n".replace("\\n", "\n\n")
        site = {**sound_fleet(), "sites/boutique.yml": text}
        good = not take_apart(site).problems
        assert (taken.nameable.fullmatch(name) is not None) is good, name


def test_a_profile_leaves_the_differences_and_one_that_cannot_be_taken_back_is_left() -> None:
    profiles__care = "core: approved\nmail: on\ncron: {wp_cron: on}\nplugins: {akismet: approved}\n"
    file, _ = imported(Living(), "care", profiles__care=profiles__care)
    assert file.profiles == ("care",)
    assert "mail" not in file.text
    assert "cron" not in file.text
    assert "  akismet: 5.5\n" in file.text
    # Late events are no reason to do without it.
    late, _ = imported(Living(overdue_s=7200), "care", profiles__care=profiles__care)
    assert late.profiles == ("care",)
    assert "  overdue: 24h" in late.text
    # No file can say that nothing is asked about the crontab.
    odd = Living(schedule="*/15 * * * *")
    alone, _ = imported(odd, "care", profiles__care=profiles__care)
    assert alone.profiles == ()
    assert "cron" not in alone.text


def test_what_no_line_is_about_takes_its_kinds_lines_with_it() -> None:
    site, about = Living(overdue_s=7200), (Address("cron.wp_cron"),)
    lines = [Written(("cron", "wp_cron"), "on", about), Written(("mail",), "on", ())]
    lines.append(Written(("core", "auto_updates"), "minor", (Address("auto_updates.core"),)))

    def composed(text: str) -> DesiredState:
        return compose(sound_fleet(sites__boutique=text)).sites[0]

    file = shortest(URL, (), lines, composed, site.look)
    assert isinstance(file, SiteFile)
    assert [line.keys for line in file.lines] == [("core", "auto_updates")]
