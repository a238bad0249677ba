"""Small values for tests: a site, its desired and its observed state."""

from dataclasses import replace
from datetime import UTC, datetime

from wpstate.model.desired import Artifact, DesiredState, LeftAlone, Look, Managed, Policy
from wpstate.model.observed import (
    Component,
    Database,
    LastApplied,
    ObservedState,
    Paths,
)
from wpstate.model.site import Account, Host, Site, SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Address, State

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SITE = Site(
    SiteId("shop"), Host(Account("127.0.0.1", 22, "client"), "/home/client/www"), "http://s"
)
SPAN = SourceSpan("sites/shop.yml", 3, 5)


def version(number: str, *, active: bool | None = True) -> State:
    return State(version=number, active=active)


def managed(address: str, want: State, *, locked: bool = True, label: str = "pinned") -> Managed:
    kind, slug = address.split(".", 1)
    artifact = None
    if want.present and want.version is not None:
        artifact = Artifact(kind, slug, want.version, "wordpress.org", "0" * 64 if locked else None)
    return Managed(Address(address), want, SPAN, SPAN, label=label, artifact=artifact)


def desired(
    *resources: Managed, policy: Policy | None = None, left_alone: tuple[LeftAlone, ...] = ()
) -> DesiredState:
    return DesiredState(
        site=SITE,
        profiles=(),
        managed=tuple(sorted(resources, key=lambda m: m.address)),
        left_alone=left_alone,
        looks=(Look("/"),),
        policy=policy or Policy(),
        settings=(),
    )


def nothing_asked(site: Site) -> DesiredState:
    """For looking at a site of which nothing is asked."""
    return replace(desired(), site=site)


def observed(
    states: dict[str, State],
    *,
    applied: dict[str, State] | None = None,
    quarantined: dict[str, State] | None = None,
) -> ObservedState:
    values = tuple((Address(a), s) for a, s in sorted((applied or {}).items()))
    away = tuple((Address(a), s) for a, s in sorted((quarantined or {}).items()))
    plugins = tuple(
        Component(
            a.split(".", 1)[1], f"{a[8:]}/{a[8:]}.php", a[8:], s.version or "", bool(s.active)
        )
        for a, s in sorted(states.items())
        if a.startswith("plugins.") and s.present
    )
    return ObservedState(
        site=SITE.id,
        observed_at=NOW,
        took_s=0.1,
        resources=tuple((Address(a), s) for a, s in sorted(states.items())),
        plugins=plugins,
        paths=Paths(
            "/home/client/www",
            "/home/client/www/wp-config.php",
            "/home/client/www/wp-content",
            "/home/client/www/wp-content/plugins",
            "/home/client/www/wp-content/uploads",
            "/home/client/.wpstate/0123456789abcdef",
        ),
        database=Database("wp_", "db", 12, 5_000_000),
        php_version="8.2.29",
        free_bytes=10_000_000_000,
        code_bytes=110_000_000,
        home_url="http://s",
        object_cache=None,
        applied=LastApplied(
            run="r1" if applied is not None else None, values=values, quarantined=away
        ),
    )


__all__ = [
    "NOW",
    "SITE",
    "SPAN",
    "desired",
    "managed",
    "nothing_asked",
    "observed",
    "replace",
    "version",
]
