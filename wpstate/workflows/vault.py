"""Files a component in the controller's vault: from a zip, or from a site that has it."""

import shlex
from dataclasses import replace

from wpstate.model.desired import Fleet
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.state import Address
from wpstate.ports import Filed, Observer, Shells, Vault
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.registry import KINDS
from wpstate.workflows.plan import chosen

MOST_BYTES = 256 << 20
_WITHIN_S = 300.0


def vault_from_site(
    fleet: Fleet, site: str, slug: str, *, observer: Observer, shells: Shells, vault: Vault
) -> Filed:
    """Pack the folder of a plugin or theme on its host, unchanged, and file it. Read-only there.

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
    kind = next((k for k in KINDS if k.packaged and _has(k, seen, slug)), None)
    if kind is None:
        raise Refused(
            [_problem("vault.not_there", "the site has nothing of this name", site, slug)]
        )
    file = kind.main_file(slug, seen)
    if file is not None and "/" not in file:
        what = "the plugin is a single file, which no zip holds as it is"
        mend = "file its author's zip: wpstate vault add PATH.zip"
        raise Refused([replace(_problem("vault.single_file", what, site, file), mend=mend)])
    # Bytes alone: owners, links and modes are the host's own.
    command = f"tar -C {shlex.quote(kind.folder(seen.paths))} -cf - -- {shlex.quote(slug)}"
    packed = shells.of(desired.site.host).run(command, timeout_s=_WITHIN_S, max_bytes=MOST_BYTES)
    if packed.exit_code != 0:
        found = visible(packed.stderr.decode("utf-8", "replace").strip(), 200)
        raise Failed([_problem("vault.read", "the folder could not be read whole", site, found)])
    return vault.file_folder(packed.stdout, slug)


def _has(kind: Kind, seen: ObservedState, slug: str) -> bool:
    return seen.state(Address(f"{kind.name}.{slug}")).present


def _problem(slug: str, what: str, site: str, found: str) -> Problem:
    return Problem(slug, what, key=site, found=found, mend=f"wpstate observe {site}")
