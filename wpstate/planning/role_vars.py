"""What the playbooks are told about one site's changes: their variables, built from a plan.

Tagging every text as untrusted is left to adapters.ansible.
"""

from dataclasses import dataclass
from pathlib import Path

from wpstate.model.change import Action, Change
from wpstate.model.observed import ObservedState, Paths
from wpstate.model.plan import SitePlan
from wpstate.model.site import Host
from wpstate.model.state import Address, Json, kind_of, name_of

TASK_TIMEOUT_S = 120
"""The longest that one boot of WordPress may take: a database upgrade of a large site."""


@dataclass(frozen=True, slots=True)
class FetchedArtifact:
    """One artifact's bytes on the controller, and what its predecessor shipped."""

    change: Change
    file: Path
    old_files: tuple[str, ...] | None
    new_files: tuple[str, ...] | None


def stage_vars(
    host: Host, paths: Paths, content: str, run: str, fetched: tuple[FetchedArtifact, ...]
) -> Json:
    """Variables of playbooks/stage.yml."""
    artifacts: list[Json] = []
    core_files: Json | None = None
    for one in fetched:
        artifact = one.change.artifact
        assert artifact is not None
        artifacts.append(
            {
                "kind": artifact.kind,
                "slug": artifact.slug,
                "version": artifact.version,
                "sha256": artifact.sha256,
                "file": str(one.file),
                "old_files": None if one.old_files is None else list(one.old_files),
            }
        )
        if artifact.kind == "core":
            core_files = {"old": list(one.old_files or ()), "new": list(one.new_files or ())}
    stage: Json = {"artifacts": artifacts, "core_files": core_files}
    return {"wpstate": _where(host, paths, content, run, ""), "stage": stage}


def apply_vars(
    host: Host, content: str, run: str, token: str, site_plan: SitePlan, observed: ObservedState
) -> Json:
    """Variables of playbooks/apply.yml."""
    assert observed.paths is not None
    plugins = [
        _plugin(change, observed)
        for change in site_plan.changes
        if kind_of(change.address) == "plugins"
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
    return {
        "wpstate": _where(host, observed.paths, content, run, token),
        "core": core,
        "plugins": plugins,
        "boot": {"upgrade_database": upgrade},
    }


def planned_prefixes(
    site_plan: SitePlan, observed: ObservedState, fetched: tuple[FetchedArtifact, ...]
) -> tuple[str, ...]:
    """Paths below the WordPress folder that these changes may touch, folders ended by a slash."""
    assert observed.paths is not None
    prefixes: list[str] = []
    for one in fetched:
        if one.change.address == "core.version":
            shipped = {*(one.old_files or ()), *(one.new_files or ())}
            prefixes += ["wp-admin/", "wp-includes/"]
            prefixes += sorted(path for path in shipped if "/" not in path)
    plugins = observed.paths.plugins
    wp = observed.paths.wp.rstrip("/") + "/"
    base = plugins[len(wp) :] if plugins.startswith(wp) else plugins
    for change in site_plan.changes:
        if kind_of(change.address) == "plugins" and (
            change.before.version != change.after.version or not change.after.present
        ):
            component = observed.component(name_of(change.address))
            single = component is not None and "/" not in component.file
            name = component.file if single and component else name_of(change.address) + "/"
            prefixes.append(f"{base}/{name}")
            if single and change.after.present:
                prefixes.append(f"{base}/{name_of(change.address)}/")
    return tuple(prefixes)


def _plugin(change: Change, observed: ObservedState) -> Json:
    slug = name_of(change.address)
    component = observed.component(slug)
    return {
        "slug": slug,
        "file": component.file if component else None,
        "action": change.action.value,
        "version": change.after.version if change.action is not Action.DELETE else None,
        "active": change.after.active if change.after.present else False,
        "was_active": bool(component and component.active),
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
