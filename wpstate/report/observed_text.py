"""An observation as people read it."""

from collections.abc import Iterator, Sequence

from wpstate.model.observed import OF_HOSTS, ObservedState
from wpstate.model.shipped import DeepLook
from wpstate.model.state import short
from wpstate.report.lines import Line, Part, Tone, columns, line
from wpstate.resources.shipped_files import counted


def all_observed_lines(several: Sequence[ObservedState]) -> Iterator[Line]:
    """Each site; those of a host that lets nobody in, once for all of them."""
    alike: dict[str, list[ObservedState]] = {}
    for one in several:
        alike.setdefault(_of_host(one) or f" {one.site}", []).append(one)
    for same in alike.values():
        yield from observed_lines(same[0], tuple(str(other.site) for other in same[1:]))


def _of_host(seen: ObservedState) -> str | None:
    """What is told of its host, where nothing else is."""
    told = [fault.detail for fault in seen.faults if f"observe.{fault.code}" in OF_HOSTS]
    return told[0] if told and len(seen.faults) == 1 else None


def observed_lines(seen: ObservedState, others: Sequence[str] = ()) -> Iterator[Line]:
    """The site's facts, its resources and what could not be seen; `others`: sites that could not
    for the same reason."""
    yield (
        Part(", ".join((seen.site, *others)), Tone.STRONG),
        Part(f"  observed in {seen.took_s:.2f} s, PHP {seen.php_version or '?'}", Tone.FAINT),
    )
    for text in columns((address, short(state)) for address, state in seen.resources):
        yield line(f"  {text}")
    for address, told in seen.strangers:
        yield line(f"  ! {address} is not who it was: {', '.join(told)}", Tone.BAD)
    if seen.database:
        yield line(
            f"  {seen.database.table_count} tables ({seen.database.size_bytes / 1e6:.0f} MB), "
            f"prefix {seen.database.prefix}",
            Tone.FAINT,
        )
    yield from _deep(seen.deep) if seen.deep else ()
    for fault in seen.faults:
        yield line(f"  ! {fault.code}: {fault.detail}", Tone.BAD)
    yield line()


def _deep(deep: DeepLook) -> Iterator[Line]:
    compared = [one for one in deep.files if one.unknown is None]
    yield line(
        f"  files of {len(compared)} components compared with what was shipped, "
        f"{deep.at:%a %d %b %H:%M} UTC: {deep.read} read, {deep.known} known from an earlier look",
        Tone.FAINT,
    )
    for one in compared:
        if one.differs:
            yield line(f"  ! {one.address}: {counted(one)}", Tone.BAD)
            for named in one.named:
                yield line(f"      {named}", Tone.FAINT)
    for one in deep.files:
        if one.unknown is not None:
            yield line(f"  ? {one.address} was not compared: {one.unknown}", Tone.FAINT)
