"""What keeps a whole host's sites from being seen, told once for all of them."""

from collections.abc import Iterable, Sequence

from wpstate.model.observed import OF_HOSTS
from wpstate.model.plan import SitePlan
from wpstate.report.lines import Line, line, some


def with_others(sites: Sequence[SitePlan]) -> Iterable[tuple[SitePlan, Sequence[SitePlan]]]:
    """Each site, and the first of a host that cannot be asked with the host's others."""
    hosts: dict[str, list[SitePlan]] = {}
    for site in sites:
        hosts.setdefault(_cause(site) or "", []).append(site)
    for site in sites:
        same = hosts[cause] if (cause := _cause(site)) else [site]
        if same[0] is site:
            yield site, same[1:]


def for_the_same_reason(others: Sequence[SitePlan]) -> Iterable[Line]:
    if others:
        yield line(f"Refused for the same reason: {some([str(o.site) for o in others], 10)}")


def _cause(site: SitePlan) -> str | None:
    told = [problem.found for problem in site.refusals if problem.slug in OF_HOSTS]
    return told[0] if told and len(site.refusals) == 1 else None
