"""Writes into a site's file what somebody changed on the site, or that it may stay for some time.

Each value is proven: the site is composed with the new file and compared with what was seen. How a
state is said is left to the kinds, where the file goes to the command.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wpstate.desired.adopting import (
    kin,
    site_path,
    with_exemption,
    with_words,
    without_exemption,
)
from wpstate.desired.compose import compose
from wpstate.desired.parts import take_apart
from wpstate.desired.secrets import without_secrets
from wpstate.model.adopted import Moved, Words
from wpstate.model.desired import DesiredState
from wpstate.model.plan import SitePlan
from wpstate.model.problem import InvalidDesiredState, Problem, Refused
from wpstate.model.rules import Exemption
from wpstate.model.site import SiteId
from wpstate.model.state import Address, kind_of
from wpstate.planning.build import build_site
from wpstate.planning.by_rule import with_rules
from wpstate.planning.drift import EMAIL, moved, named
from wpstate.ports import Observer
from wpstate.resources.catalog import Catalog
from wpstate.resources.registry import KIND
from wpstate.workflows.drift_problems import conflict, no_words, not_proven, not_sound, personal
from wpstate.workflows.plan import chosen

_BLIND = ("observe.", "plan.copied")
"""Refusals of a plan after which nobody may believe what it calls drift."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A site's file as it is to be, and what it then says of the site."""

    site: SiteId
    text: str
    told: tuple[Moved, ...]
    left: tuple[Problem, ...] = ()
    """What moved too and no file can ask for."""
    unlocked: tuple[Address, ...] = ()
    """Versions of which the fleet has no bytes yet."""

    @property
    def path(self) -> str:
        return site_path(self.site)


class Drifted:
    """A site as it is now, beside what these texts of a fleet ask of it.

    Raises UsageError where there is no such site, InvalidDesiredState where the texts are off,
    Refused (`observe.*`, `plan.copied`) where it cannot be seen whole.
    """

    def __init__(
        self, texts: Mapping[str, str], site: str, observer: Observer, now: datetime
    ) -> None:
        self._texts, self._observer, self._now = dict(texts), observer, now
        self.site = SiteId(site)
        if site_path(self.site) not in texts:
            chosen(compose(texts, today=now.date()), [site])
        self._kin = kin(texts, self.site)
        desired = self._composed(texts[site_path(self.site)])
        self._seen = observer.observe([desired])[self.site]
        plan = build_site(desired, self._seen)
        blind = [problem for problem in plan.refusals if problem.slug.startswith(_BLIND)]
        if blind:
            raise Refused(blind)
        self.moved = moved(plan)

    def adopted(self, keys: Sequence[str], why: str | None) -> Rewritten:
        """The file with what these keys name, all that drifted without any.

        Raises Refused (`drift.*`) where a named one cannot be written, or none can.
        """
        wanted = self._wanted(keys, why)
        catalog = take_apart(self._texts, self._kin).catalog or Catalog()
        text = self._texts[site_path(self.site)]
        told: list[Moved] = []
        without: dict[Address, tuple[Problem, ...]] = {}
        for one in wanted:
            try:
                text = self._with(text, one, catalog, why)
                told.append(one)
            except Refused as refused:
                without[one.address] = refused.problems
        # A later one may have settled it: the database's version follows that of the code.
        still = _open(build_site(self._composed(text), self._seen)) if told else without
        left = [p for address, problems in without.items() if address in still for p in problems]
        if left and (keys or not told):
            raise Refused(left)
        return Rewritten(self.site, text, tuple(told), tuple(left), self._unlocked(text, told))

    def exempt(self, keys: Sequence[str], until: str, owner: str, why: str | None) -> Rewritten:
        """The file in which this drift may stay. Raises Refused (`drift.*`)."""
        wanted = self._wanted(keys, owner, why)
        text = self._texts[site_path(self.site)]
        for one in wanted:
            if one.sort == "conflict":
                raise Refused([conflict(self.site, one)])
            if EMAIL.search(one.address):
                raise Refused([personal(f"{self.site}: an account", typed=False)])
            text = with_exemption(text, self.site, Exemption(one.address, owner, until, why))
        self._composed(text)
        return Rewritten(self.site, text, wanted)

    def _wanted(self, keys: Sequence[str], *words: str | None) -> tuple[Moved, ...]:
        if any(EMAIL.search(word or "") for word in words):
            raise Refused([personal(self.site, typed=True)])
        return named(self.site, self.moved, keys)

    def _with(self, text: str, one: Moved, catalog: Catalog, why: str | None) -> str:
        before = self._composed(text)
        kind = KIND[kind_of(one.address)]
        asked = with_rules(before, self._seen)
        words = kind.written(one.address, one.seen, asked, self._seen, catalog)
        if isinstance(words, str):
            raise Refused([no_words(self.site, one, words)])
        _require_harmless(self.site, one, words)
        try:
            after = with_words(self._texts | {site_path(self.site): text}, self.site, words, why)
            after = without_exemption(after, self.site, one.address)
            desired = self._composed(after)
        except InvalidDesiredState as error:
            raise Refused(not_sound(self.site, one, p) for p in error.problems) from error
        seen, on_pages = self._seen, {m.address for m in desired.managed if m.visited}
        # What is asked now may not have been looked at, and pages are held against what is asked.
        if desired.questions != before.questions or one.address in on_pages:
            seen = self._observer.observe([desired])[self.site]
        was, now = build_site(before, self._seen), build_site(desired, seen)
        off = _open(now) - (_open(was) - {one.address})
        if off:
            raise Refused([not_proven(self.site, one, off)])
        return after

    def _unlocked(self, text: str, told: Iterable[Moved]) -> tuple[Address, ...]:
        taken = {one.address for one in told}
        return tuple(
            managed.address
            for managed in self._composed(text).managed
            if managed.address in taken and managed.artifact and managed.artifact.sha256 is None
        )

    def _composed(self, text: str) -> DesiredState:
        texts = self._texts | {site_path(self.site): text}
        fleet = compose(texts, today=self._now.date(), only=self._kin)
        return next(desired for desired in fleet.sites if desired.site.id == self.site)


def _open(plan: SitePlan) -> frozenset[Address]:
    """All that is not as git asks."""
    noted = {n.address for n in plan.noted if n.sort in ("drift", "conflict", "out_of_reach")}
    return frozenset(noted | {change.address for change in plan.changes})


def _require_harmless(site: SiteId, one: Moved, words: Words) -> None:
    """Git keeps what it is given for ever."""
    said = [*words.keys]
    for part in words.parts.values():
        said += part if isinstance(part, tuple) else [part or ""]
    if any(without_secrets(text) != text for text in said):
        raise Refused([no_words(site, one, "it holds what looks like a password: keep it away")])
    if KIND[kind_of(one.address)].is_personal(one.address) or any(map(EMAIL.search, said)):
        raise Refused([personal(f"{site}: {one.address}", typed=False)])
