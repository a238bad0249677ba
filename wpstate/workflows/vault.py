"""Files a component in the controller's vault: from a zip, or from a site that has it."""

import shlex

from wpstate.model.desired import Fleet
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.ports import Filed, Observer, Shells, Vault
from wpstate.resources.foreign_text import visible
from wpstate.workflows.plan import chosen

MOST_BYTES = 256 << 20
_WITHIN_S = 300.0


def vault_from_site(
    fleet: Fleet, site: str, slug: str, *, observer: Observer, shells: Shells, vault: Vault
) -> Filed:
    """Pack a plugin's folder on its host, unchanged, and file it under the version that the site
    shows. Read-only there.

    Raises UsageError for an unknown site, Refused (`vault.not_there`, `vault.single_file`,
    `observe.*`, `artifact.*`, `vault.*`) and Failed (`host.*`, `vault.read`).
    """
    (desired,) = chosen(fleet, (site,))
    seen = observer.observe([desired])[desired.site.id]
    if seen.paths is None:
        raise Refused(
            Problem(f"observe.{f.code}", "the site could not be observed whole", key=site,
                    found=f.detail)
            for f in seen.faults
        )  # fmt: skip
    component = seen.component(slug)
    if component is None:
        raise Refused([_problem("vault.not_there", "the site has no such plugin", site, slug)])
    if "/" not in component.file:
        what = "the plugin is a single file, which no zip holds as it is"
        raise Refused([_problem("vault.single_file", what, site, component.file)])
    # Bytes alone: owners, links and modes are the host's own.
    command = f"tar -C {shlex.quote(seen.paths.plugins)} -cf - -- {shlex.quote(slug)}"
    packed = shells.of(desired.site.host).run(command, timeout_s=_WITHIN_S, max_bytes=MOST_BYTES)
    if packed.exit_code != 0:
        found = visible(packed.stderr.decode("utf-8", "replace").strip(), 200)
        raise Failed([_problem("vault.read", "the folder could not be read whole", site, found)])
    return vault.file_folder(packed.stdout, slug)


def _problem(slug: str, what: str, site: str, found: str) -> Problem:
    return Problem(slug, what, key=site, found=found, mend=f"wpstate observe {site}")
