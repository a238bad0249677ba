"""Merges the layers of each site: fleet, profiles in their order, site; stagings inherit. What the
merged keys mean is left to the kinds, making sites of them to compose."""

from wpstate.desired.layers import Layer, layer, lineage, over
from wpstate.desired.parts import Parts, profile_names
from wpstate.desired.staging import hidden, inherited, live_site
from wpstate.model.node import Map


class Layering:
    """Sites with the same profiles share the work."""

    def __init__(self, parts: Parts) -> None:
        self._profiles = parts.profiles
        self._sites = parts.sites
        self._fleet: Layer = layer(parts.fleet) if parts.fleet else Layer()
        self._layers = {name: layer(root) for name, root in parts.profiles.items()}
        self._bases: dict[tuple[str, ...], Layer] = {}

    def order(self, root: Map) -> tuple[str, ...]:
        live = live_site(root, self._sites)
        inherits = self.order(live) if live else ()
        own = lineage(tuple(name.text for name in profile_names(root)), self._profiles)
        return (*inherits, *(name for name in own if name not in inherits))

    def site(self, root: Map, order: tuple[str, ...]) -> Layer:
        live, named = live_site(root, self._sites), root.text("staging_of")
        if live is None or named is None:
            return over(self.base(order), layer(root))
        merged = inherited(self.site(live, self.order(live)))
        for name in lineage(tuple(n.text for n in profile_names(root)), self._profiles):
            merged = over(merged, self._layers[name])
        return hidden(over(merged, layer(root)), named)

    def base(self, named: tuple[str, ...]) -> Layer:
        """Fleet and these profiles, with what they extend."""
        merged = self._bases.get(named)
        if merged is None:
            merged = self._fleet
            for name in lineage(named, self._profiles):
                merged = over(merged, self._layers[name])
            self._bases[named] = merged
        return merged
