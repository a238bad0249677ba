"""Before the freeze: whose address it is, the bytes, the code's copy and a warm playbook."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from wpstate.model.problem import Failed, Problem, Refused
from wpstate.model.state import Address, Json
from wpstate.planning.caches import host_words
from wpstate.planning.role_vars import FetchedArtifact, apply_vars, stage_vars
from wpstate.ports import SafetyNet, WaitingPlaybook
from wpstate.resources.language_packs import PACKS
from wpstate.workflows.attempt import Attempt

START_TIMEOUT_S = 60.0
STAGE_TIMEOUT_S = 300.0


def prove_origin(attempt: Attempt, net: SafetyNet) -> None:
    """The address that visitors use must be answered by PHP from these very files.

    Where the public address proves nothing (a cache, a proxy), the host is asked directly.
    Raises Refused (`origin.not_proven`).
    """
    site = attempt.desired.site
    place_beacon(attempt, net)
    attempt.web = attempt.ask(attempt.beacon_url, "who")
    if attempt.web is not None:
        return
    attempt.direct = attempt.tools.visitor_at(site.host.account.address)
    attempt.web = attempt.ask(attempt.beacon_url, "who")
    if attempt.web is not None:
        if attempt.seen is not None:
            attempt.seen = attempt.observe()  # what comes after is compared with the same view
        return
    net.remove_beacon()
    raise Refused(
        [
            attempt.problem(
                "origin.not_proven",
                "the public address is not answered from these files",
                f"{site.url} did not run a file placed beside wp-load.php, "
                f"nor did {site.host.account.address} asked directly",
                "looks at another server would prove nothing about this one",
                "check where the address leads, and wp_path in hosts.yml",
            )
        ]
    )


def place_beacon(attempt: Attempt, net: SafetyNet) -> None:
    words = host_words(attempt.desired, attempt.purges)
    attempt.beacon_url = f"{attempt.desired.site.url}/{net.place_beacon(attempt.token, words)}"


def stage(attempt: Attempt, net: SafetyNet) -> WaitingPlaybook:
    """Bring the bytes, copy the code and warm the apply playbook, side by side.

    Raises Refused where the host holds files that an update would lose, Failed for the rest;
    either way visitors noticed nothing.
    """
    seen = attempt.before_changes
    assert seen.paths is not None
    site = attempt.desired.site
    attempt.fetched = tuple(_fetch(attempt))
    content = seen.paths.content
    asked = apply_vars(
        site.host, content, attempt.run, attempt.token, attempt.planned, seen, attempt.fetched
    )
    with ThreadPoolExecutor(max_workers=2) as pool:
        copied = pool.submit(net.copy_code)
        warm: Future[WaitingPlaybook] = pool.submit(
            _start, attempt, {**asked, **stage_vars(attempt.fetched)}
        )
        try:
            copied.result()
            return warm.result()
        except BaseException:
            if warm.exception() is None:
                warm.result().cancel()
            raise


def _fetch(attempt: Attempt) -> Iterable[FetchedArtifact]:
    store = attempt.tools.artifacts
    locale = str(attempt.before_changes.state(Address("core.locale")).value or "en_US")
    for change in attempt.planned.changes:
        for artifact in change.artifacts:
            kind, slug, old = artifact.kind, artifact.slug, change.before.version
            old = None if kind == PACKS else old
            yield FetchedArtifact(
                change=change,
                artifact=artifact,
                file=store.fetch(artifact),
                old_files=None if old is None else store.file_list(kind, slug, old, locale),
                new_files=store.file_list(kind, slug, artifact.version, locale),
            )


def _start(attempt: Attempt, asked: Json) -> WaitingPlaybook:
    """Raises Refused (`stage.refused`) and Failed (`stage.failed`) of the bytes, and Failed
    (`playbook.start`) where there are none to bring."""
    limit_s = STAGE_TIMEOUT_S if attempt.fetched else START_TIMEOUT_S
    start = attempt.tools.playbooks.start
    try:
        return start("apply", attempt.desired.site, asked, within_s=limit_s)
    except (Refused, Failed) as error:
        problem = error.problems[0]
        if problem.slug != "playbook.start" or not attempt.fetched:
            raise
        found = f"{problem.why}: {problem.found}"
        if isinstance(error, Refused):
            raise Refused([_problem(attempt, "stage.refused", found)]) from error
        raise Failed([_problem(attempt, "stage.failed", found)]) from error


def _problem(attempt: Attempt, slug: str, found: str) -> Problem:
    return attempt.problem(
        slug,
        "the new code could not be made ready on the host",
        found,
        "nothing is frozen before all bytes are in place and checked",
        "mend what is named, then apply the plan again",
    )
