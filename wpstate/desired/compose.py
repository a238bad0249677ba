"""The one way from a fleet folder's texts to desired state: take apart, merge, let kinds read.

A step sees only what passed the one before, so that no problem is told twice in other words.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from wpstate.desired.backup import backup_problems, read_repositories, repository_problems
from wpstate.desired.bumping import bump_problems, read_bump
from wpstate.desired.facts import read_sources
from wpstate.desired.layering import Layering
from wpstate.desired.layers import Layer
from wpstate.desired.parts import Parts, take_apart
from wpstate.desired.policy import heal_problems, read_looks, read_policy
from wpstate.desired.reading import Read, read
from wpstate.desired.rules import (
    approval_of,
    exempt_problems,
    misspelt_families,
    read_rules,
    reminders,
    rule_problems,
)
from wpstate.desired.schedule import read_schedule, schedule_problems
from wpstate.desired.secrets import authorization
from wpstate.desired.telling import read_telling, telling_problems
from wpstate.desired.updates import read_halt, read_rings, ring_problems, update_problems
from wpstate.model.desired import (
    Artifact,
    DesiredState,
    Fleet,
    LeftAlone,
    Managed,
    Policy,
)
from wpstate.model.node import Map
from wpstate.model.problem import InvalidDesiredState, Problem
from wpstate.model.rules import Approval
from wpstate.model.site import Site, SiteId
from wpstate.model.source import SourceSpan
from wpstate.model.state import Json, kind_of
from wpstate.resources.catalog import PACKAGES, WORDPRESS_ORG, Catalog
from wpstate.resources.core import ENGLISH, LOCALE, VERSION
from wpstate.resources.languages import asked_locales
from wpstate.resources.registry import KINDS
from wpstate.resources.said import Parsed

_API = "https://api.wordpress.org"
_DOWNLOADS = "https://downloads.wordpress.org"


def compose(
    texts: Mapping[str, str], *, today: date = date.min, only: Collection[str] | None = None
) -> Fleet:
    """A whole fleet of its files' texts, by path relative to the fleet folder (`sites/shop.yml`).

    Paths that are no fleet files are ignored, unless they look as if they were meant to be.
    Exceptions that ended before `today` hold no more; without it all of them hold. `only`: of the
    sites these alone are read and composed, with the live sites of stagings among them; of the
    others it counts that they are there.
    Raises InvalidDesiredState with all problems found.
    """
    parts = take_apart(texts, only)
    layering = Layering(parts)
    catalog = parts.catalog
    problems = list(parts.problems)
    if catalog is None:
        raise InvalidDesiredState(_each_once(problems))
    problems.extend(misspelt_families(catalog))
    approval = approval_of(catalog)
    known: dict[tuple[str, ...], Read] = {}
    """Of the fleet with the profiles that sites name."""
    for name in parts.profiles:  # also those that no site uses, or that every site overrides
        known[(name,)] = read(layering.base((name,)), catalog)
        problems.extend(known[(name,)].parsed.problems)
    sites: list[DesiredState] = []
    layers: list[Layer] = []
    for name, root in sorted(parts.sites.items()):
        order = layering.order(root)
        merged = layering.site(root, order)
        layers.append(merged)
        if order not in known:
            known[order] = read(layering.base(order), catalog)
        came_to = read(merged, catalog, known[order])
        parsed = came_to.parsed
        problems.extend(parsed.problems)
        if not parts.problems and not parsed.problems:
            problems.extend(heal_problems(merged, parsed.managed))
            problems.extend(exempt_problems(merged, parsed.managed))
            problems.extend(update_problems(merged))
            problems.extend(backup_problems(merged))
            rules = read_rules(merged, today)
            problems.extend(rule_problems(merged, parsed, rules, catalog, approval))
            if not problems and parts.hosts is not None:
                policy = replace(read_policy(merged), rules=rules)
                site = _site(name, root, parts)
                sites.append(_state(site, order, merged, came_to, policy, approval))
    if parts.fleet is not None and not parts.problems:
        problems.extend(ring_problems(parts.fleet, layers))
        problems.extend(repository_problems(parts.fleet, layers))
        problems.extend(telling_problems(parts.fleet))
        problems.extend(schedule_problems(parts.fleet))
        problems.extend(bump_problems(parts.fleet, catalog))
    if problems:
        raise InvalidDesiredState(_each_once(problems))
    assert parts.fleet is not None
    packs = _packs(sites, catalog)
    fleet = _fleet(parts.fleet, tuple(replace(site, packs=packs) for site in sites), catalog)
    return replace(fleet, reminders=reminders(catalog, sites, today))


def _site(name: str, root: Map, parts: Parts) -> Site:
    url = root.text("url")
    assert url is not None
    assert parts.hosts is not None
    return Site(SiteId(name), parts.hosts[name], url.text.rstrip("/"))


def _state(
    site: Site,
    profiles: tuple[str, ...],
    merged: Layer,
    came_to: Read,
    policy: Policy,
    approval: Approval,
) -> DesiredState:
    parsed = came_to.parsed
    return DesiredState(
        site=site,
        profiles=profiles,
        managed=tuple(sorted(parsed.managed, key=lambda managed: managed.address)),
        left_alone=tuple(sorted(parsed.left_alone, key=lambda left: left.address)),
        looks=read_looks(merged),
        policy=policy,
        settings=tuple(setting for _, setting in came_to.settings.values()),
        client=_word(merged, "client"),
        offer=_word(merged, "offer"),
        language=_word(merged, "language"),
        questions=_questions(parsed),
        approval=approval,
    )


def _questions(parsed: Parsed) -> dict[str, Json]:
    """What each kind asks the probe about one site."""
    managed: defaultdict[str, list[Managed]] = defaultdict(list)
    left_alone: defaultdict[str, list[LeftAlone]] = defaultdict(list)
    for each in parsed.managed:
        managed[kind_of(each.address)].append(each)
    for left in parsed.left_alone:
        left_alone[kind_of(left.address)].append(left)
    asked = {}
    for kind in KINDS:
        question = kind.question(managed[kind.name], left_alone[kind.name])
        if question is not None:
            asked[kind.name] = question
    return asked


def _packs(sites: Iterable[DesiredState], catalog: Catalog) -> tuple[Artifact, ...]:
    """Each locale that a site asks for, in each version of WordPress, of a plugin and of a theme
    that the fleet names: a site that keeps its language to itself is served by them too."""
    managed = [managed for site in sites for managed in site.managed]
    locales = {str(m.want.value) for m in managed if m.address == LOCALE} - {ENGLISH}
    locales |= asked_locales(managed)
    if not locales:
        return ()
    versions = {m.want.version for m in managed if m.address == VERSION}
    versions.add(catalog.core.text if catalog.core else None)
    named = {
        (artifact.kind, artifact.slug, artifact.version)
        for artifact in (*catalog.artifacts(), *(m.artifact for m in managed))
        if artifact and artifact.kind in PACKAGES and artifact.source == WORDPRESS_ORG
    }
    return tuple(
        pack
        for locale in sorted(locales)
        for pack in (
            *(catalog.language_pack(locale, version) for version in sorted(filter(None, versions))),
            *(catalog.package_pack(*package, locale) for package in sorted(named)),
        )
    )


def _word(merged: Layer, key: str) -> str | None:
    word = merged.word(key)
    return word.text if word else None


def _fleet(root: Map, sites: tuple[DesiredState, ...], catalog: Catalog) -> Fleet:
    name, mirror = root.text("name"), root.get("wordpress_org")
    assert name is not None
    api = mirror.text("api") if isinstance(mirror, Map) else None
    downloads = mirror.text("downloads") if isinstance(mirror, Map) else None
    auth = mirror.get("auth") if isinstance(mirror, Map) else None
    vault = root.get("vault")
    address = vault.text("address") if isinstance(vault, Map) else None
    key = vault.get("auth") if isinstance(vault, Map) else None
    carried = authorization(auth) if isinstance(auth, Map) else None
    return Fleet(
        name=name.text,
        api_url=(api.text if api else _API).rstrip("/"),
        download_url=(downloads.text if downloads else _DOWNLOADS).rstrip("/"),
        sites=sites,
        api_auth=carried if api else None,
        download_auth=carried if downloads else None,
        facts=read_sources(root),
        rings=read_rings(root),
        halt_after=read_halt(root),
        telling=read_telling(root),
        schedule=read_schedule(root),
        repositories=read_repositories(root),
        vault_url=address.text.rstrip("/") if address else None,
        vault_auth=authorization(key) if isinstance(key, Map) else None,
        approved=catalog.artifacts(),
        approved_at=catalog.places(),
        locked={key: catalog.identities.get(key) for key in catalog.locked},
        bump=read_bump(root, catalog),
    )


def _each_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Many sites share a profile's problem; the telling that names what it overrides is kept."""
    told: dict[tuple[str, SourceSpan | None, str | None], Problem] = {}
    for problem in problems:
        key = (problem.slug, problem.where, problem.key)
        if key not in told or (problem.overrides and not told[key].overrides):
            told[key] = problem
    return tuple(told.values())
