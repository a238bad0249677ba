"""The audit of a first day: what was wrong with a site before anybody of ours touched it.

Made of a plan for a draft that asks for what a well-kept site has; writing it down is left to
report.audit_text.
"""

from collections.abc import Iterator, Sequence

from wpstate.model.facts import Finding
from wpstate.model.imported import Audit, AuditPoint
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted, SitePlan
from wpstate.model.shipped import ComparedFiles
from wpstate.model.state import Address, kind_of, name_of, short
from wpstate.resources.registry import KIND
from wpstate.resources.shipped_files import counted

SORTS = (
    "identity", "modified", "vulnerable", "closed", "forbidden", "family", "abandoned", "weak",
    "unlisted", "licence", "admin",
)  # fmt: skip
_UNLISTED_FILES = "Files of plugins and themes that the catalog does not name."
_NO_FILES = (
    "Files of WordPress, plugins and themes that somebody changed: nothing was compared.",
)  # fmt: skip


def audit(
    plan: SitePlan, observed: ObservedState, files: Sequence[ComparedFiles] | None = None
) -> Audit:
    """All findings, gravest sort first, then by what they are about. `files`: None where nobody
    compared any."""
    points = [
        *(_from_feed(finding) for finding in plan.findings),
        *_noted(plan),
        *_modified(files or ()),
        *_weak(plan),
        *_families(plan),
        *_admins(observed),
    ]
    unknown = (
        f"Whether {len(plan.unknown)} components are vulnerable: no fresh feed tells "
        "(`wpstate facts update`).",
    ) if plan.unknown else ()  # fmt: skip
    return Audit(
        site=plan.site,
        url=plan.url,
        observed_at=observed.observed_at,
        core=observed.state(Address("core.version")).version,
        php=observed.php_version,
        points=tuple(sorted(points, key=lambda point: (SORTS.index(point.sort), point.about))),
        not_looked_at=(*unknown, *_not_compared(files)),
        compared=tuple(f"{one.address} {one.version}" for one in files or () if not one.unknown),
    )


def _modified(files: Sequence[ComparedFiles]) -> Iterator[AuditPoint]:
    """In a component's own folder whatever was not shipped may be code of somebody else's."""
    for one in files:
        if one.unknown is None and one.differs:
            yield AuditPoint("modified", str(one.address), counted(one), ", ".join(one.named))


def _not_compared(files: Sequence[ComparedFiles] | None) -> Iterator[str]:
    if files is None:
        yield from _NO_FILES
        return
    for one in files:
        if one.unknown is not None:
            yield f"Whether files of {one.address} were changed: {one.unknown}."
        for path in one.without:
            yield f"{path} of {one.address}: builds in other languages have another."
    yield _UNLISTED_FILES


def _from_feed(finding: Finding) -> AuditPoint:
    fixed = f"fixed in {finding.fixed_in[-1]}" if finding.fixed_in else ""
    severity = finding.severity.value if finding.severity else ""
    detail = ", ".join(word for word in (severity, finding.text, fixed) if word)
    return AuditPoint(finding.sort, str(finding.address), finding.version or "", detail)


def _noted(plan: SitePlan) -> Iterator[AuditPoint]:
    for noted in plan.noted:
        if noted.sort in ("identity", "unlisted", "forbidden"):
            told = ", ".join(noted.lines) or noted.text
            yield AuditPoint(noted.sort, str(noted.address), short(noted.state), told)


def _weak(plan: SitePlan) -> Iterator[AuditPoint]:
    """What is not as a careful agency has it, changeable here or not."""
    for change in plan.changes:
        if _is_weak(change.address):
            yield _point(change.address, short(change.before), short(change.after))
    for noted in plan.noted:
        if _is_weak(noted.address) and _differs(noted):
            yield _point(noted.address, short(noted.state), short(noted.asked or noted.state))


def _is_weak(address: Address) -> bool:
    return KIND[kind_of(address)].is_weak_point(address)


def _differs(noted: Noted) -> bool:
    return noted.sort in ("drift", "conflict", "out_of_reach") and noted.asked is not None


def _point(address: Address, found: str, good: str) -> AuditPoint:
    return AuditPoint("weak", str(address), found, f"should be {good}")


def _families(plan: SitePlan) -> Iterator[AuditPoint]:
    for problem in plan.refusals:
        if problem.slug == "plan.family":
            told = problem.found or ""
            yield AuditPoint("family", told, "do the same work", problem.why or "")


def _admins(observed: ObservedState) -> Iterator[AuditPoint]:
    for address, state in observed.resources:
        if kind_of(address) == "users" and state.value == "administrator":
            yield AuditPoint("admin", name_of(address), "administrator")
