"""Makes a site's caches forget: OPcache, the object cache, kept pages, and who stands in front.

What is emptied, and when it counts as empty, is left to planning.caches. What cannot be proven is a
warning in the run's record and no failed check: the site itself was judged by looks that no cache
can answer, and to put it back would leave the same old pages where they are.
"""

from wpstate.model.cache import FarCache, Purged
from wpstate.model.problem import WpstateError
from wpstate.planning import caches
from wpstate.ports import SafetyNet
from wpstate.workflows.attempt import Attempt


def flush(
    attempt: Attempt, net: SafetyNet, *, thawed: bool = False, with_pages: bool = True
) -> None:
    """Empty what the host can reach, from the web server's own PHP and by its shell.

    The beacon works where WordPress is dead. The object cache is reached through it too, by core
    alone or by the whole site; a front page, which costs visitors a page more, is asked where that
    failed, and no longer knows the run's token once it is thawed. Without `with_pages` no plugin is
    started, which might write: nothing has been proven then.
    """
    several = attempt.purges if with_pages else ()
    words = caches.host_words(attempt.desired, several)
    attempt.ask(attempt.beacon_url, "flush")
    # By the shell first: it is quick with many files, and leaves the plugins little to do.
    left_in = _emptied(net, caches.folders(words))
    answer = attempt.ask(attempt.beacon_url, "purge") if caches.asks_php(words) else None
    if answer is None:
        forgot = attempt.ask(attempt.beacon_url, "forget")
        if not thawed and not caches.asks_php(words) and not (forgot and forgot.get("forgot")):
            attempt.ask(f"{attempt.desired.site.url}/", "flush")
    if (
        left_in and answer is not None
    ):  # by the web server's own account, where files are not the host's
        left_in = _emptied(net, left_in)
    kept = _kept_page(attempt, thawed=thawed) if caches.keep_pages(several) else None
    done = answer.get("purged") if answer is not None else None
    called = [str(word) for word in done] if isinstance(done, list) else None
    attempt.purged = caches.judged(attempt.desired, several, left_in, called=called, kept=kept)


def flush_in_front(attempt: Attempt) -> None:
    """Empty what only the controller can ask, once visitors have the site: nobody waits for it.

    Never raises for a cache's trouble: that is told beside the outcome.
    """
    far = [one for one in attempt.desired.policy.caches.far if not _is_left(attempt, one)]
    done = tuple(_asked(attempt, one) for one in far)
    attempt.purged = (*(p for p in attempt.purged if not caches.is_far(p.cache)), *done)


def require_secrets(attempt: Attempt) -> None:
    """Raises Refused (`secret.*`) where a cache could not be emptied after the changes."""
    for far in attempt.desired.policy.caches.far:
        if far.auth is not None and not _is_left(attempt, far):
            attempt.tools.secrets.reveal(far.auth.secret)


def _is_left(attempt: Attempt, far: FarCache) -> bool:
    return far.name in attempt.desired.policy.caches.left


def _emptied(net: SafetyNet, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Folders that still hold something, for all that anybody knows."""
    try:
        return net.empty_caches() if folders else ()
    except WpstateError:
        return folders


def _kept_page(attempt: Attempt, *, thawed: bool) -> str | None:
    (seen,) = attempt.look((caches.as_anybody(attempt.desired),), with_token=False, publicly=True)
    return caches.kept_page(seen, frozen=attempt.freeze_holds and not thawed, since_s=0.0)


def _asked(attempt: Attempt, far: FarCache) -> Purged:
    purge = caches.far_purge(far)
    clock = attempt.tools.clock
    try:
        auth = None
        if far.auth is not None:
            auth = far.auth.filled(attempt.tools.secrets.reveal(far.auth.secret))
        began_s = clock.monotonic_s()
        troubles = attempt.tools.cache_sender.send(
            caches.requests(attempt.desired, far),
            auth=auth,
            timeout_s=attempt.desired.policy.look_timeout_s,
        )
        if all(troubles):
            return Purged(purge, False, f"it did not take the request: {troubles[0]}")
        (seen,) = attempt.look(
            (caches.as_anybody(attempt.desired),), with_token=False, publicly=True
        )
    except WpstateError as error:
        return Purged(purge, False, error.problems[0].what)
    return caches.judged_far(purge, seen, since_s=clock.monotonic_s() - began_s)
