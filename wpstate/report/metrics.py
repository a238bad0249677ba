"""The figures of the last passes and of the ledger as OpenMetrics text, of the forms that also
node_exporter's textfile collector reads (it knows the older Prometheus text alone).

What nobody knows is left out: no line says 0 for it. Names and labels stay for good; where the text
goes is left to cli.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from wpstate.model.facts import Severity
from wpstate.model.passes import FailedPass, KeptPass, SitePassed, Tally
from wpstate.model.run import Outcome, Tier
from wpstate.model.site import SiteId

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with all its samples."""

    name: str
    sort: str
    """`gauge` or `counter`, as OpenMetrics has them."""
    tells: str
    samples: tuple[tuple[Mapping[str, str], float], ...]
    unit: str = ""


def metrics_text(
    sites: Iterable[SitePassed],
    passes: Iterable[KeptPass],
    tally: Tally,
    version: str,
    failures: Iterable[FailedPass] = (),
) -> str:
    """`sites`: each as the last pass left it. `passes`, `failures`: the last of each fleet."""
    families = (
        Family("wpstate_build_info", "gauge", "The wpstate that wrote this.",
               (({"version": version}, 1),)),
        *_of_sites(tuple(sites), tally),
        *_of_passes(tuple(passes)),
        Family(
            "wpstate_reconcile_last_failure_timestamp_seconds",
            "gauge",
            "When a pass over this fleet last failed before it had looked at all of its sites.",
            tuple(({"fleet": each.fleet}, each.at.timestamp()) for each in failures),
            unit="seconds",
        ),
        *_of_runs(tally),
    )  # fmt: skip
    lines = [line for family in families if family.samples for line in _written(family)]
    return "\n".join((*lines, "# EOF\n"))


def _of_sites(sites: tuple[SitePassed, ...], tally: Tally) -> Iterator[Family]:
    yield Family(
        "wpstate_site_up",
        "gauge",
        "1 where the last pass saw the site whole, its WordPress and database there; 0 where not.",
        tuple((_of(each.site), int(each.figures.up)) for each in sites),
    )
    yield Family(
        "wpstate_site_drift_items",
        "gauge",
        "Managed values that the site moved and nobody put back, as the last pass saw it.",
        tuple((_of(each.site), each.figures.drift_items) for each in sites if each.figures.up),
    )
    confirmed = ((each.site, _confirmed(each, tally.confirmed_at)) for each in sites)
    yield Family(
        "wpstate_site_last_success_timestamp_seconds",
        "gauge",
        "When a pass or a run last confirmed the site to be as git asks.",
        tuple((_of(site), at.timestamp()) for site, at in confirmed if at is not None),
        unit="seconds",
    )
    known = [each.figures.vulnerabilities for each in sites if each.figures.up]
    told = [counts for counts in known if counts is not None]
    yield Family(
        "wpstate_vulnerabilities",
        "gauge",
        "Known vulnerabilities of what is on the sites, accepted or mitigated ones left out.",
        tuple(
            ({"severity": each.value}, sum(counts.get(each, 0) for counts in told))
            for each in Severity
            if told
        ),
    )


def _of_passes(passes: tuple[KeptPass, ...]) -> Iterator[Family]:
    yield Family(
        "wpstate_reconcile_last_pass_timestamp_seconds",
        "gauge",
        "When the last pass over sites of this fleet ended.",
        tuple(
            ({"fleet": each.fleet}, each.started_at.timestamp() + each.took_s) for each in passes
        ),
        unit="seconds",
    )
    yield Family(
        "wpstate_reconcile_last_pass_duration_seconds",
        "gauge",
        "How long that pass took.",
        tuple(({"fleet": each.fleet}, each.took_s) for each in passes),
        unit="seconds",
    )


def _of_runs(tally: Tally) -> Iterator[Family]:
    """Counters begin at 0, or nobody's rate sees the first."""
    yield Family(
        "wpstate_apply",
        "counter",
        "Runs that were to apply something, by how they ended.",
        tuple(({"outcome": each.value}, tally.outcomes.get(each, 0)) for each in Outcome),
    )
    yield Family(
        "wpstate_rollback",
        "counter",
        "Times that a site was put back, by how far.",
        tuple(({"tier": each.value}, tally.tiers.get(each, 0)) for each in Tier),
    )


def _written(family: Family) -> Iterator[str]:
    yield f"# TYPE {family.name} {family.sort}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {family.tells.translate(_ESCAPED)}"
    suffix = "_total" if family.sort == "counter" else ""
    for labels, value in family.samples:
        told = ",".join(f'{key}="{text.translate(_ESCAPED)}"' for key, text in labels.items())
        yield f"{family.name}{suffix}{{{told}}} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.3f}"


def _of(site: SiteId) -> dict[str, str]:
    return {"site": site}


def _confirmed(each: SitePassed, by_runs: Mapping[SiteId, datetime]) -> datetime | None:
    times = [at for at in (each.confirmed_at, by_runs.get(each.site)) if at is not None]
    return max(times, default=None)
