"""Which caches a run empties, in what words the host is told so, and when one counts as empty.

Doing it is left to workflows.purging, the rows to resources.cache_adapters.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from wpstate.model.cache import (
    CacheAdapter,
    CacheLayer,
    CacheRequest,
    FarCache,
    Purge,
    Purged,
)
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState
from wpstate.model.look import LookRequest, LookSeen
from wpstate.model.observed import ObservedState
from wpstate.model.state import kind_of, name_of
from wpstate.planning.looks import declared
from wpstate.resources.cache_adapters import adapters
from wpstate.resources.foreign_text import visible

FOLDERS = "folders"
IN_FRONT = Purge("in-front", "a cache in front", CacheLayer.PROXY)
"""One that nobody declared, and that answered all the same."""


def purges(
    desired: DesiredState, observed: ObservedState, changes: Sequence[Change]
) -> tuple[Purge, ...]:
    """Caches that a run with these changes empties, and those that the fleet says to leave."""
    policy = desired.policy.caches
    there = {address for address, _ in observed.resources if address.startswith("caches.")}
    found = [
        Purge(row.name, row.label, row.layer, left=row.name in policy.left or policy.off)
        for row in adapters().values()
        if not row.requests and (f"caches.{row.name}" in there or _comes(row, changes))
    ]
    listed = [Purge(FOLDERS, ", ".join(policy.folders), CacheLayer.PAGE)] if policy.folders else []
    in_front = [far_purge(one) for one in policy.far if one.name not in policy.left]
    return (*found, *listed, *in_front)


def _comes(row: CacheAdapter, changes: Sequence[Change]) -> bool:
    """A plugin that the run itself brings: a rollback must empty what it kept meanwhile."""
    return any(
        kind_of(c.address) == "plugins" and name_of(c.address) in row.plugins and c.after.present
        for c in changes
    )


def far_purge(far: FarCache) -> Purge:
    row = adapters()[far.name]
    return Purge(row.name, row.label, row.layer)


def host_words(desired: DesiredState, several: Sequence[Purge]) -> tuple[str, ...]:
    """What the host is told to empty: by its shell, by the site's own PHP, and what it cannot."""
    words: list[str] = []
    for purge in several:
        if purge.left:
            continue
        if purge.name == FOLDERS:
            words += (f"folder:{path}" for path in desired.policy.caches.folders)
            continue
        row = adapters()[purge.name]
        words += (f"folder:{path}" for path in row.folders)
        words += (f"function:{name}" for name in row.functions)
        words += (f"action:{name}" for name in row.actions)
        words += (f"far:{row.name}",) if row.requests else ()
    return tuple(words)


def folders(words: Iterable[str]) -> tuple[str, ...]:
    """Of these words, the folders below the content folder."""
    return tuple(word.partition(":")[2] for word in words if word.startswith("folder:"))


def _called_by_php(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word.startswith(("function:", "action:")))


def asks_php(words: Iterable[str]) -> bool:
    return bool(_called_by_php(words))


def requests(desired: DesiredState, far: FarCache) -> tuple[tuple[str, CacheRequest], ...]:
    """Addresses and requests that empty one cache in front of the site."""
    row, site = adapters()[far.name], urlsplit(desired.site.url)
    base = far.address or row.address or desired.site.url
    host: tuple[tuple[str, str], ...] = ()
    if far.address and not row.address:
        base, host = base + site.path.rstrip("/"), (("Host", site.netloc),)
    looks = tuple(dict.fromkeys(("/", *(look.path for look in declared(desired)))))
    found = []
    for request in row.requests:
        for look in looks if "{look}" in request.path else ("",):
            path = request.path.replace("{look}", look).replace("{zone}", far.zone)
            body = request.body.replace("{host}", site.hostname or "")
            headers = (*host, *request.headers)
            found.append((base + path, replace(request, path=path, headers=headers, body=body)))
    return tuple(found)


def as_anybody(desired: DesiredState) -> LookRequest:
    """The first page just as a browser asks for it: whoever keeps it may answer."""
    path = declared(desired)[0].path
    url = f"{desired.site.url.rstrip('/')}/{path.lstrip('/')}"
    return LookRequest(name="kept pages", url=url, takes_kept=True)


def kept_page(seen: LookSeen, *, frozen: bool, since_s: float) -> str | None:
    """Why this answer is of a page that a cache kept from before; None where it is not.

    `frozen`: visitors get 503 now, so that any page is a kept one. `since_s`: how long ago the
    caches were emptied; what is younger was kept since.
    """
    if seen.error is not None:
        return f"the page could not be asked for: {seen.error}"
    headers = dict(seen.headers)
    hit = next(
        (
            f"{sign.header}: {headers[sign.header]}"
            for row in adapters().values()
            for sign in row.hits
            if sign.word in headers.get(sign.header, "").lower()
        ),
        None,
    )
    age = headers.get("age", "")
    if age.isascii() and age.isdigit():
        old = int(age[:9]) > since_s + 1
        hit = (hit or f"age: {age}") if old else None
    if frozen:
        if seen.status == 503 and hit is None:
            return None
        return visible(hit or f"status {seen.status} while visitors are held back", 200)
    return visible(hit, 200) if hit else None


def judged(
    desired: DesiredState,
    several: Sequence[Purge],
    left_in: Sequence[str],
    *,
    called: Collection[str] | None,
    kept: str | None,
) -> tuple[Purged, ...]:
    """What came of the caches on the host. `left_in`: folders that still hold files. `called`: the
    words that the site's own PHP says it did, None where it said nothing. `kept`: as `kept_page`
    says."""
    results = []
    for purge in several:
        own = host_words(desired, (purge,))
        if purge.left or is_far(purge):
            continue
        missed = [word for word in _called_by_php(own) if word not in (called or ())]
        full = [folder for folder in folders(own) if folder in left_in]
        if full:
            why = f"{', '.join(full)} still holds files"
        elif folders(own):
            why = ""
        elif called is None:
            why = "the site's own PHP did not say that it was emptied"
        elif missed:
            why = f"the site's own PHP knows no {', '.join(missed).replace(':', ' ')}"
        else:
            why = "" if purge.layer is CacheLayer.OBJECT else kept or ""
        results.append(Purged(purge, not why, why or _proof(purge, own)))
    # Where the kept page is nobody's who is known, somebody else stands in front.
    if kept is not None and not any(is_far(p) for p in several) and all(r.proven for r in results):
        results.append(Purged(IN_FRONT, False, kept))
    return tuple(results)


def judged_far(purge: Purge, seen: LookSeen, *, since_s: float) -> Purged:
    """What came of a cache in front of the site, `since_s` after it was asked to forget. Its own
    word for it is never believed."""
    kept = kept_page(seen, frozen=False, since_s=since_s)
    told = [sign.header for sign in adapters()[purge.name].hits]
    header = next((name for name, _ in seen.headers if name in (*told, "age")), None)
    if kept is None and header is None:
        return Purged(purge, False, "no header of the page tells whether it was kept")
    fresh = visible(f"{header}: {dict(seen.headers).get(header or '', '')}", 200)
    return Purged(purge, kept is None, kept or fresh)


def keep_pages(several: Sequence[Purge]) -> bool:
    """Whether one of those on the host keeps what visitors get."""
    near = (purge for purge in several if not purge.left and not is_far(purge))
    return any(purge.layer is not CacheLayer.OBJECT for purge in near)


def is_far(purge: Purge) -> bool:
    """Only the controller can empty it."""
    return purge.name in adapters() and bool(adapters()[purge.name].requests)


def _proof(purge: Purge, words: Sequence[str]) -> str:
    if folders(words):
        return f"nothing left in {', '.join(folders(words))}"
    if purge.layer is CacheLayer.OBJECT:
        return "the site's own PHP emptied it"
    return "visitors get no kept page"
