"""Which caches a site has: found by their plugins, drop-ins, constants and headers, or declared.

Emptying one is no change: it follows every change and every rollback (planning.caches).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from wpstate.model.adopted import Words
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.plan import Noted
from wpstate.model.state import Address, Json, State, kind_of, name_of
from wpstate.resources.cache_adapters import adapters
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said
from wpstate.resources.visits import page


class CachesKind(Kind):
    name = "caches"
    short_form: str | None = "found"

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        managed, left = [], []
        for name, words in said.items():
            address, value = Address(f"{self.name}.{name}"), words.value
            if not isinstance(value, Text):
                continue
            if value.text == "off":
                left.append(LeftAlone(address, "unmanaged", value.span))
            elif value.text == "required":
                want, span = State(value=adapters()[name].layer.value), value.span
                managed.append(
                    Managed(address, want, span, span, words.overrides, "required", applies=False)
                )
        return Parsed(tuple(managed), tuple(left))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        """Always asked: nobody need declare a cache for its old pages to go."""
        return _question()

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds, plugins = seen.get("kinds"), seen.get("plugins")
        answer: Any = kinds.get(self.name, {}) if isinstance(kinds, dict) else {}
        signs, constants = answer.get("signs", ()), set(answer.get("constants", ()))
        active = {
            plugin["file"].partition("/")[0]
            for plugin in (plugins if isinstance(plugins, list) else ())
            if plugin["active"]
        }
        for row in adapters().values():
            if row.name in signs or active & set(row.plugins) or constants & set(row.constants):
                yield Address(f"{self.name}.{row.name}"), State(value=row.layer.value)

    def looks(self, desired: DesiredState, observed: ObservedState) -> Iterable[LookRequest]:
        """Who stands in front shows in headers alone; asked where the fleet speaks of caches."""
        if any(setting.key.startswith(f"{self.name}.") for setting in desired.settings):
            yield page(desired, "/")

    def parse_looks(
        self, desired: DesiredState, observed: ObservedState, answers: Mapping[str, LookSeen]
    ) -> Iterable[tuple[Address, State]]:
        front = answers[page(desired, "/").name]
        sent = {name for name, _ in front.headers}
        for row in adapters().values():
            if sent & set(row.headers):
                yield Address(f"{self.name}.{row.name}"), State(value=row.layer.value)

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        return Words((self.name,), {name_of(address): "off"}, "found")

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        """A cache is there by its plugin, its drop-in and what wp-config.php defines."""
        row = adapters()[name_of(address)]
        dropins = dict.fromkeys(sign.dropin for sign in row.signs)
        return (
            *(f"plugins.{slug}" for slug in row.plugins),
            *(f"dropins.{name}" for name in dropins),
            *(("constants",) if row.constants else ()),
        )

    def noted(self, desired: DesiredState, observed: ObservedState) -> Iterable[Noted]:
        """What was found beside that which the fleet names. On the host it is emptied all the
        same; in front of the site nobody knows how."""
        named = {m.address for m in desired.managed if kind_of(m.address) == self.name}
        left = {one.address for one in desired.left_alone}
        far = {Address(f"{self.name}.{one.name}") for one in desired.policy.caches.far}
        for address, state in observed.resources:
            if kind_of(address) != self.name or address in named | left | far:
                continue
            row = adapters()[name_of(address)]
            if row.requests:
                told = (
                    f"{row.label} answers in front of the site: `caches` must say how to purge it"
                )
                yield Noted(address, state, told, "unmanaged")
            elif named:
                told = f"{row.label} is here too, not in `caches`"
                yield Noted(address, state, told, "unmanaged")


@cache
def _question() -> Json:
    """One for all sites of a fleet."""
    rows = adapters().values()
    return {
        "signs": {
            row.name: [[sign.dropin, sign.text] for sign in row.signs] for row in rows if row.signs
        },
        "constants": [constant for row in rows for constant in row.constants],
    }
