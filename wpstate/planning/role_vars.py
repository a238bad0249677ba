"""What the playbooks are told about one site's changes: their variables, built from a plan.

Tagging every text as untrusted is left to adapters.ansible.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wpstate.model.change import Action, Change
from wpstate.model.desired import Artifact
from wpstate.model.observed import ObservedState, Paths
from wpstate.model.plan import SitePlan
from wpstate.model.site import Host
from wpstate.model.state import Address, Json, kind_of, name_of, short
from wpstate.planning.follows import brought_changes
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.language_packs import PACKS, files_of
from wpstate.resources.registry import KIND, KINDS

_DIFF_CHARACTERS = 200
TASK_TIMEOUT_S = 120
"""The longest that one boot of WordPress may take: a database upgrade of a large site."""


@dataclass(frozen=True, slots=True)
class FetchedArtifact:
    """One artifact's bytes on the controller, and what its predecessor shipped."""

    change: Change
    artifact: Artifact
    file: Path
    old_files: tuple[str, ...] | None
    new_files: tuple[str, ...] | None


def stage_vars(fetched: tuple[FetchedArtifact, ...]) -> Json:
    """Variables of the role `stage` in playbooks/apply.yml, which has nothing to do without."""
    if not fetched:
        return {}
    artifacts: list[Json] = []
    core_files: Json | None = None
    for one in fetched:
        artifact = one.artifact
        artifacts.append(
            {
                "kind": artifact.kind,
                "slug": _name(one),
                "folder": artifact.slug,
                "single": _single_file(one),
                "version": artifact.version,
                "sha256": artifact.sha256,
                "file": str(one.file),
                "old_files": None if one.old_files is None else list(one.old_files),
            }
        )
        if artifact.kind == "core":
            core_files = {"old": list(one.old_files or ()), "new": list(one.new_files or ())}
    return {"stage": {"artifacts": artifacts, "core_files": core_files}}


def apply_vars(
    host: Host,
    content: str,
    run: str,
    token: str,
    site_plan: SitePlan,
    observed: ObservedState,
    fetched: tuple[FetchedArtifact, ...],
) -> Json:
    """Variables of playbooks/apply.yml."""
    assert observed.paths is not None
    single = {one.change.address: _single_file(one) for one in fetched}
    packages = [
        _package(change, observed, single.get(change.address))
        for change in site_plan.changes
        if _kind(change).packaged
    ]
    by_address = {str(c.address): c for c in site_plan.changes}
    version = by_address.get("core.version")
    seen = observed.state(Address("core.version")).version
    core: Json | None = None
    if version is not None:
        core = {"from": version.before.version, "to": version.after.version}
    upgrade = version is not None or "core.database" in by_address
    if core is None and upgrade:
        core = {"from": seen, "to": seen}
    language = by_address.get("core.locale")
    return {
        "wpstate": _where(host, observed.paths, content, run, token),
        "core": core,
        "languages": list(_languages(fetched)),
        "packages": packages,
        "kinds": _kinds(site_plan, observed),
        "boot": {
            "upgrade_database": upgrade,
            "locale": language.after.value if language else None,
            "differences": list(_differences(site_plan, observed)),
        },
    }


def _differences(site_plan: SitePlan, observed: ObservedState) -> Iterator[Json]:
    """What changes in WordPress, for the diff: check mode starts none that could tell."""
    for change in (*site_plan.changes, *brought_changes(site_plan.changes, observed)):
        if _kind(change).in_wordpress:
            before, after = (
                visible(short(state), _DIFF_CHARACTERS) for state in (change.before, change.after)
            )
            kind = _kind(change).name
            yield {"kind": kind, "name": str(change.address), "before": before, "after": after}


def _kinds(site_plan: SitePlan, observed: ObservedState) -> Json:
    """What the roles of the changed kinds are told, by kind, in the order in which they work."""
    told: Json = {}
    brought = brought_changes(site_plan.changes, observed)
    for kind in KINDS:
        own = tuple(c for c in (*site_plan.changes, *brought) if _kind(c) is kind)
        asked = kind.role_vars(own, observed) if own else {}
        if asked:
            told[kind.name] = {**asked, "in_wordpress": kind.in_wordpress}
    return told


def planned_prefixes(
    site_plan: SitePlan, observed: ObservedState, fetched: tuple[FetchedArtifact, ...]
) -> tuple[str, ...]:
    """Paths below the WordPress folder that these changes may touch, folders ended by a slash."""
    assert observed.paths is not None
    prefixes: list[str] = []
    for one in fetched:
        if one.artifact.kind == "core":
            shipped = {*(one.old_files or ()), *(one.new_files or ())}
            prefixes += ["wp-admin/", "wp-includes/"]
            prefixes += sorted(path for path in shipped if "/" not in path)
    singles = {one.change.address: _single_file(one) for one in fetched}
    wp = observed.paths.wp.rstrip("/") + "/"
    for change in site_plan.changes:
        kind, name = _kind(change), name_of(change.address)
        if kind.packaged and (
            change.before.version != change.after.version or not change.after.present
        ):
            file = kind.main_file(name, observed) or singles.get(change.address)
            single = file is not None and "/" not in file
            base = kind.folder(observed.paths).removeprefix(wp)
            prefixes.append(f"{base}/{file if single else name + '/'}")
    for kind in KINDS:
        own = tuple(c for c in site_plan.changes if _kind(c) is kind)
        prefixes += kind.planned_paths(own, observed) if own else ()
    return tuple(prefixes)


def planned_globs(
    site_plan: SitePlan, observed: ObservedState, fetched: tuple[FetchedArtifact, ...]
) -> tuple[str, ...]:
    """What of these changes no exact path names, as `planned_prefixes` writes paths."""
    assert observed.paths is not None
    globs = [*files_of(observed.paths, _languages(fetched))]
    for kind in KINDS:
        own = tuple(c for c in site_plan.changes if _kind(c) is kind)
        globs += kind.planned_globs(own, observed) if own else ()
    return tuple(globs)


def _languages(fetched: tuple[FetchedArtifact, ...]) -> tuple[str, ...]:
    return tuple(one.artifact.slug for one in fetched if one.artifact.kind == PACKS)


def _name(one: FetchedArtifact) -> str:
    """What it is called on the site: a package's address may differ from wordpress.org's slug."""
    return name_of(one.change.address) if _is_package(one) else one.artifact.slug


def _is_package(one: FetchedArtifact) -> bool:
    """The folder itself, not a language pack that comes with it."""
    return _kind(one.change).packaged and one.artifact.kind == _kind(one.change).name


def _kind(change: Change) -> Kind:
    return KIND[kind_of(change.address)]


def _single_file(one: FetchedArtifact) -> str | None:
    """The one file that it is installed as, where the site has none of that name yet."""
    if not _is_package(one):
        return None
    return _kind(one.change).single_file(one.change, one.artifact, one.new_files)


def _package(change: Change, observed: ObservedState, single: str | None) -> Json:
    kind, slug = _kind(change), name_of(change.address)
    return {
        "kind": kind.name,
        "slug": slug,
        "file": kind.main_file(slug, observed) or single,
        "action": change.action.value,
        "version": change.after.version if change.action is not Action.DELETE else None,
        "active": change.after.active if change.after.present else False,
        "was_active": bool(change.before.active),
        "purge_data": change.purge_data,
    }


def _where(host: Host, paths: Paths, content: str, run: str, token: str) -> Json:
    return {
        "run": run,
        "run_dir": f"{paths.state}/runs/{run}",
        "state_dir": paths.state,
        "wp_path": paths.wp,
        "content_dir": content,
        "plugins_dir": paths.plugins,
        "php": host.php,
        "token": token,
        "timeout_s": TASK_TIMEOUT_S,
    }
