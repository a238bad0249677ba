"""Where each value of a site comes from."""

from wpstate.model.desired import Fleet, Setting
from wpstate.model.problem import Problem, UsageError
from wpstate.resources.nearest import nearest


def explain(fleet: Fleet, site: str, key: str | None = None) -> tuple[Setting, ...]:
    """All settings of a site, sorted by key; with `key`, that one and those below it.

    `plugins` gives all plugins, `plugins.akismet` one. Raises UsageError for a site that is not in
    the fleet (`usage.site`) and a key that nothing sets (`usage.key`).
    """
    desired = next((state for state in fleet.sites if state.site.id == site), None)
    if desired is None:
        names = tuple(str(state.site.id) for state in fleet.sites)
        raise UsageError((_unknown("usage.site", "no such site in the fleet", site, names),))
    if key is None:
        return desired.settings
    found = tuple(s for s in desired.settings if s.key == key or s.key.startswith(f"{key}."))
    if not found:
        keys = tuple(setting.key for setting in desired.settings)
        keys += tuple(dict.fromkeys(key.partition(".")[0] for key in keys if "." in key))
        raise UsageError((_unknown("usage.key", "nothing sets this key", key, keys),))
    return found


def _unknown(slug: str, what: str, word: str, known: tuple[str, ...]) -> Problem:
    close = nearest(word, known)
    few = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    return Problem(
        slug=slug,
        what=what,
        key=word,
        found=f'"{word}"',
        why=f"known: {few}" if known else "nothing is known here",
        mend=f"write {close}" if close else None,
    )
