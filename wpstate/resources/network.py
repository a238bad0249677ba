"""A network of sites, where the site is one: its sites, and the plugins that are active on all.

Only looked at: what is declared and differs is told. Refusing its changes is left to
planning.layout_gates.
"""

from collections.abc import Iterable, Mapping, Sequence

from wpstate.model.adopted import Words
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.node import Items, Text
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.foreign_text import visible
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said

PLUGINS, SITES = Address("network.plugins"), Address("network.sites")
_NONE = "none"
_MOST_CHARACTERS = 4000


class NetworkKind(Kind):
    name = "network"

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        return Parsed(
            tuple(_asked(Address(f"network.{key}"), words) for key, words in sorted(said.items()))
        )

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json:
        """Asked on every site: whether it is a network is the site's to say."""
        return {}

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get("network") if isinstance(kinds, dict) else None
        network = answer.get("network") if isinstance(answer, dict) else None
        if isinstance(network, dict):
            plugins = sorted({str(file).partition("/")[0] for file in network["plugins"]})
            yield PLUGINS, State(value=_listed(plugins))
            sites = sorted(f"{site['domain']}{site['path']}" for site in network["sites"])
            yield SITES, State(value=_listed(site.rstrip("/") for site in sites))

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        listed = () if seen.value == _NONE else tuple(str(seen.value).split(", "))
        return Words((self.name,), {name_of(address): listed})

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        """Of a network, what nobody declared."""
        named = {managed.address for managed in desired.managed}
        for address, state in observed.resources:
            if address in (PLUGINS, SITES) and address not in named:
                yield Noted(address, state, "a network is observed, not changed", "unmanaged")


def _asked(address: Address, said: Said) -> Managed:
    items = said.value.items if isinstance(said.value, Items) else ()
    words = sorted(item.text for item in items if isinstance(item, Text))
    return Managed(
        address=address,
        want=State(value=_listed(words)),
        span=said.value.span,
        asked_by=said.value.span,
        overrides=said.overrides,
        label="declared",
        applies=False,
    )


def _listed(words: Iterable[str]) -> str:
    return visible(", ".join(words), _MOST_CHARACTERS) or _NONE
