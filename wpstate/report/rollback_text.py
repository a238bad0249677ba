"""What a rollback by hand would do, before anybody agreed to it."""

from collections.abc import Iterable

from wpstate.model.own_files import OwnFiles
from wpstate.model.table import Fate, TableOffer
from wpstate.report.lines import Line, Tone, line


def offer_lines(
    site: str,
    to: str,
    others: tuple[str, ...],
    tables: tuple[TableOffer, ...],
    accept_loss: bool,
    only: str | None,
    part: OwnFiles | None = None,
) -> Iterable[Line]:
    """Code, then each table that differs, with rows; what would be lost last."""
    if only is not None:
        yield line(f"{site}: {only} back to before run {to}", Tone.STRONG)
        has_tables = part is not None and part.tables_of is not None
        tables_told = "of its own tables, those that lose no row; " if has_tables else ""
        yield line(f"  {tables_told}everything else stays")
        return
    yield line(f"{site}: code back to before run {to}", Tone.STRONG)
    for table in tables:
        yield line(f"  {table.name:<28} {_fate(table, accept_loss)}{_rows(table)}")
    if not tables:
        yield line("  no table differs since")
    if accept_loss:
        lost = sum((t.newer or 0) + (t.changed or 0) for t in tables)
        yield line(f"  ALL TABLES ARE REWOUND: {lost} rows that can be counted are lost", Tone.BAD)
    yield line(f"  other snapshots: {', '.join(others) or 'none'}", Tone.FAINT)


def _fate(table: TableOffer, accept_loss: bool) -> str:
    if accept_loss:
        return "rewound"
    match table.fate:
        case Fate.LEAVE:
            return "stays"
        case Fate.LIVE:
            return "its definition goes back, its rows stay"
        case Fate.EMPTY:
            return "new: kept aside, unless it holds rows"
        case Fate.BACK:
            return "missing: comes back"
        case Fate.ASK:
            return "stays" if table.stays else "goes back, newer rows stay"


def _rows(table: TableOffer) -> str:
    said = []
    if table.newer:
        said.append(f"{table.newer} newer")
    if table.changed:
        said.append(f"{table.changed} changed since")
    return f" ({', '.join(said)} rows)" if said else ""
