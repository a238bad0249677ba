"""What `caches:` says of how a site's caches are emptied. Which of them must be there is the kind's
own (resources.caches). The schema has checked every form."""

from collections.abc import Mapping

from wpstate.desired.secrets import authorization
from wpstate.model.cache import CachePolicy, FarCache
from wpstate.model.node import Items, Map, Text
from wpstate.resources.cache_adapters import adapters
from wpstate.resources.said import Said


def read_caches(said: Mapping[str, Said]) -> CachePolicy:
    """The merged keys below `caches`; nothing said is that what is found is emptied."""
    off = False
    left: list[str] = []
    folders: tuple[str, ...] = ()
    far: list[FarCache] = []
    for name, words in said.items():
        match words.value:
            case Text(text="off") if name == "found":
                off = True
            case Text(text="off"):
                left.append(name)
            case Items() as listed if name == "folders":
                folders = tuple(each.text for each in listed.items if isinstance(each, Text))
            case Text(text="on"):
                far.append(FarCache(name))
            case Map() as long if adapters()[name].requests:
                far.append(_far(name, long))
            case _:
                pass
    return CachePolicy(off, tuple(left), folders, tuple(far))


def _far(name: str, said: Map) -> FarCache:
    address, zone, auth = said.text("address"), said.text("zone"), said.get("auth")
    return FarCache(
        name,
        address.text.rstrip("/") if address else "",
        zone.text if zone else "",
        authorization(auth) if isinstance(auth, Map) else None,
    )
