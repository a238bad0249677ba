"""What a monitoring system reads, by Prometheus's own parsers. What is not known is left out."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as classic

from tests.builders import NOW
from wpstate.model.facts import Severity
from wpstate.model.passes import KeptPass, SitePassed, Tally
from wpstate.model.reconciled import SiteFigures, Standing
from wpstate.model.run import Outcome, Tier
from wpstate.model.site import SiteId
from wpstate.report.metrics import metrics_text

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
NO_RUNS = Tally({}, {}, {})
WELL = SiteFigures(up=True, drift_items=0, vulnerabilities=None)


def _site(name: str, figures: SiteFigures = WELL, confirmed: datetime | None = None) -> SitePassed:
    return SitePassed(SiteId(name), Standing.IN_SYNC, None, figures, confirmed)


def _samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sample.labels.items())): sample.value
        for family in openmetrics(text)
        for sample in family.samples
    }


def _named(samples: Samples, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(value for _, value in labels): number
        for (each, labels), number in samples.items()
        if each == name
    }


def test_what_passes_and_runs_came_to() -> None:
    ill = SiteFigures(up=False, drift_items=0, vulnerabilities=None)
    moved = SiteFigures(True, 3, {Severity.HIGH: 2, Severity.LOW: 1})
    also = SiteFigures(True, 0, {Severity.HIGH: 1, Severity.LOW: 0})
    sites = (_site("atelier", moved), _site("blog", ill, NOW), _site("shop", also, NOW))
    over = KeptPass("lab", (), NOW, 2.5, sites, None)
    later = NOW + timedelta(hours=1)
    tally = Tally({Outcome.APPLIED: 7}, {Tier.WHOLE: 2}, {SiteId("shop"): later})
    seen = _samples(metrics_text(sites, (over,), tally, "1.0"))

    assert _named(seen, "wpstate_site_up") == {("atelier",): 1, ("blog",): 0, ("shop",): 1}
    assert _named(seen, "wpstate_site_drift_items") == {("atelier",): 3, ("shop",): 0}
    assert _named(seen, "wpstate_site_last_success_timestamp_seconds") == {
        ("blog",): NOW.timestamp(),
        ("shop",): later.timestamp(),
    }
    assert _named(seen, "wpstate_vulnerabilities") == {
        ("critical",): 0, ("high",): 3, ("medium",): 0, ("low",): 1, ("unrated",): 0,
    }  # fmt: skip
    assert _named(seen, "wpstate_apply_total")["applied",] == 7
    assert _named(seen, "wpstate_apply_total")["rolled_back",] == 0
    assert _named(seen, "wpstate_rollback_total") == {
        ("whole",): 2, ("tables",): 0, ("part",): 0, ("host",): 0,
    }  # fmt: skip
    ended = _named(seen, "wpstate_reconcile_last_pass_timestamp_seconds")
    assert ended == {("lab",): NOW.timestamp() + 2.5}
    assert _named(seen, "wpstate_reconcile_last_pass_duration_seconds") == {("lab",): 2.5}


def test_what_nobody_knows_is_not_said() -> None:
    seen = {name for name, _ in _samples(metrics_text((), (), NO_RUNS, "1.0"))}
    assert seen == {"wpstate_build_info", "wpstate_apply_total", "wpstate_rollback_total"}
    without_feeds = metrics_text((_site("shop"),), (), NO_RUNS, "1.0")
    assert "wpstate_vulnerabilities" not in without_feeds
    assert "last_success" not in without_feeds


def test_kinds_are_those_of_the_names() -> None:
    text = metrics_text((_site("shop", confirmed=NOW),), (), NO_RUNS, "1.0")
    kinds = {family.name: family.type for family in openmetrics(text)}
    assert kinds["wpstate_site_up"] == "gauge"
    assert kinds["wpstate_apply"] == kinds["wpstate_rollback"] == "counter"


@given(st.text(max_size=20), st.integers(0, 10**12))
def test_any_name_is_read_as_it_is_by_both_generations_of_readers(name: str, drift: int) -> None:
    """node_exporter's textfile collector reads the older form alone."""
    odd = replace(_site(name, SiteFigures(True, drift, None)), site=SiteId(name))
    text = metrics_text((odd,), (KeptPass(name, (), NOW, 0.125, (odd,), None),), NO_RUNS, "1.0")
    assert _named(_samples(text), "wpstate_site_drift_items") == {(name,): drift}
    told = {family.type for family in classic(text)}
    assert told <= {"gauge", "counter", "unknown"}
