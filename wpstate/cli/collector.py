"""How often Python looks for garbage that holds itself, in the process of a command."""

import gc

_NEW_OBJECTS = 50_000


def look_seldom() -> None:
    """Nearly all that a command makes, it holds until its end. Python looks for cycles after each
    700 new objects, and through all there are whenever a quarter has been added: a third of the
    time of ten thousand sites, which finds nothing."""
    gc.set_threshold(_NEW_OBJECTS)
