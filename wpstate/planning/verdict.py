"""The verdict on looks: what was seen after against what was seen before and what was declared.

Sending looks is left to adapters.http, signs of a dead page to planning.page_signs, a page's words
and links to planning.page_text. A failure may be looked at again; a pass needs its proof.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from wpstate.model.desired import Look
from wpstate.model.look import CheckResult, Eyes, LookSeen
from wpstate.planning.looks import name_of
from wpstate.planning.page_signs import Sign, signs, warnings
from wpstate.planning.page_text import link_hosts, words
from wpstate.resources.foreign_text import visible

_DETAIL = 200
_SHRUNK_SHARE = 0.2
_SHRUNK_FROM = 2_000
"""Characters below which a page is too short for its length to say anything."""
_KEPT_SHARE = 0.5
_PASSING = frozenset({"not_proven", "refused", "truncated", "protocol", "maintenance"})
"""What a busy server may show for a moment. A fatal error that went away is not among them."""


def judge(
    declared: Sequence[Look], before: Sequence[LookSeen], after: Sequence[LookSeen]
) -> tuple[CheckResult, ...]:
    """One result for each name looked at, in the order of `after`; a name fails with its first
    failing look. What was looked at before and not after fails as `not_looked`.

    `before` holds the anonymous looks and those as administrator, `after` each look as often as it
    was taken. With a look that carried the token only a proven answer passes.
    """
    asked = {name_of(look.path, Eyes.VISITOR): look for look in declared}
    earlier = {seen.request.name: seen for seen in before}
    visitor = {
        seen.request.url: seen
        for seen in after
        if seen.request.eyes is Eyes.VISITOR and seen.request.method == "GET" and not seen.error
    }
    results: dict[str, CheckResult] = {}
    for seen in after:
        name = seen.request.name
        if name in results and not results[name].passed:
            continue
        wrong = _first_wrong(seen, earlier.get(name), asked.get(name), visitor)
        results[name] = _result(name, wrong)
    for name in (*earlier, *asked):
        if name not in results:
            results[name] = _result(name, Sign("not_looked", "looked at before, not after"))
    return tuple(results.values())


def sick_before(declared: Sequence[Look], before: Sequence[LookSeen]) -> tuple[CheckResult, ...]:
    """Why a site is too ill, or too well guarded, to be judged after a run; empty is well.

    A wall counts for declared looks and for the administrator's, not for a crawler or a page
    that nobody declared: that only leaves the page unseen, before as after.
    """
    asked = {name_of(look.path, Eyes.VISITOR): look for look in declared}
    found = []
    for seen in before:
        look = asked.get(seen.request.name)
        wrong = _alone(seen, look)
        if look is None and seen.request.eyes is not Eyes.ADMIN:
            wrong = tuple(sign for sign in wrong if not sign.blocked)
        if seen.request.with_token and not seen.proven:
            wrong = (*wrong, _unproven(seen))
        if wrong:
            found.append(_result(seen.request.name, wrong[0]))
    return tuple(found)


def worth_another_look(checks: Sequence[CheckResult]) -> bool:
    """Whether something failed, and nothing but what may be over a second later."""
    failed = [check for check in checks if not check.passed]
    return bool(failed) and all(check.sign in _PASSING or _welcomed(check) for check in failed)


def _welcomed(check: CheckResult) -> bool:
    """Many plugins lead an administrator to a page of theirs, once, after their activation
    (Akismet::plugin_activation, 5.5)."""
    return check.sign == "final_url" and check.name.endswith(f" as {Eyes.ADMIN.value}")


def judge_freeze(without_token: LookSeen, with_token: LookSeen) -> tuple[CheckResult, ...]:
    """The freeze holds where the one look got 503 and the other a proven answer."""
    closed: Sign | None = None
    if without_token.status != 503:
        closed = Sign("not_frozen", f"{_got(without_token)}, and not 503")
    proven = None if with_token.proven else _unproven(with_token)
    return (
        _result(without_token.request.name, closed),
        _result(with_token.request.name, proven),
    )


def judge_thaw(declared: Sequence[Look], seen: LookSeen) -> CheckResult:
    """The one anonymous look after the thaw."""
    look = next((d for d in declared if name_of(d.path, Eyes.VISITOR) == seen.request.name), None)
    wrong = _alone(seen, look)
    return _result(f"{seen.request.name}, thawed", wrong[0] if wrong else None)


def _first_wrong(
    seen: LookSeen,
    before: LookSeen | None,
    look: Look | None,
    visitor: Mapping[str, LookSeen],
) -> Sign | None:
    known = {sign.slug: sign for sign in signs(before)} if before else {}
    now = _alone(seen, look)
    if any(sign.blocked and sign.slug in known for sign in now):
        return None  # A wall before as after: nothing was seen, nothing is blamed.
    wrong = (
        *(sign for sign in now if sign.slug not in known),
        *(_cloaked(seen, before, visitor) if before else ()),
        *(_as_before(seen, before, look) if before else ()),
    )
    if wrong:
        return wrong[0]
    if seen.request.with_token and not seen.proven:
        return _unproven(seen)
    return None


def _alone(seen: LookSeen, look: Look | None) -> tuple[Sign, ...]:
    """What is wrong with a look by itself and by its declaration."""
    if look is None:
        return signs(seen)
    as_asked = seen.status == look.status
    found = (sign for sign in signs(seen) if not (as_asked and sign.slug == "status"))
    return (*found, *_as_declared(seen, look))


def _as_declared(seen: LookSeen, look: Look) -> tuple[Sign, ...]:
    wrong = []
    if seen.status != look.status:
        wrong.append(Sign("status", f"{_got(seen)}, declared is {look.status}"))
    wrong += [Sign("text_missing", text) for text in look.must_contain if text not in seen.body]
    wrong += [Sign("text_present", text) for text in look.must_not_contain if text in seen.body]
    if look.final_path is not None and urlsplit(seen.final_url).path != look.final_path:
        wrong.append(Sign("final_url", f"{seen.final_url}, declared is {look.final_path}"))
    return tuple(wrong)


def _as_before(seen: LookSeen, before: LookSeen, look: Look | None) -> tuple[Sign, ...]:
    wrong = []
    if look is None and seen.status != before.status:
        wrong.append(Sign("status", f"{_got(seen)}, {_got(before)} before"))
    path, path_before = urlsplit(seen.final_url).path, urlsplit(before.final_url).path
    if path != path_before:
        wrong.append(Sign("final_url", f"{path}, {path_before} before"))
    new = sorted(warnings(seen) - warnings(before))
    if new:
        wrong.append(Sign("php_warning", new[0]))
    if "</html>" in before.body and "</html>" not in seen.body:
        wrong.append(Sign("cut_short", f"ends with {seen.body[-60:]!r}"))
    size, size_before = len(seen.body), len(before.body)
    if size_before >= _SHRUNK_FROM and size < size_before * _SHRUNK_SHARE:
        wrong.append(Sign("shrunk", f"{size} characters, {size_before} before"))
    return tuple(wrong)


def _cloaked(seen: LookSeen, before: LookSeen, visitor: Mapping[str, LookSeen]) -> tuple[Sign, ...]:
    """A crawler's page that changed where the visitor's did not."""
    same_page = visitor.get(seen.request.url)
    if seen.request.eyes is not Eyes.CRAWLER or same_page is None:
        return ()
    hosts = link_hosts(seen.body) - link_hosts(before.body) - link_hosts(same_page.body)
    if hosts:
        return (Sign("cloaked", f"crawlers get links to {', '.join(sorted(hosts))}"),)
    had = words(before.body)
    kept = len(words(seen.body) & had)
    kept_by_visitor = len(words(same_page.body) & had)
    if kept < len(had) * _KEPT_SHARE <= kept_by_visitor:
        return (Sign("cloaked", f"crawlers get {kept} of {len(had)} words, visitors most"),)
    return ()


def _unproven(seen: LookSeen) -> Sign:
    headers = dict(seen.headers)
    if seen.error is not None:
        return Sign(seen.error, f"after {seen.took_s:.1f} s")
    if "x-wpstate-proof" not in headers:
        return Sign(
            "not_proven", f"{_got(seen)} without this site's own proof: a cache, or another server"
        )
    stale = headers.get("x-wpstate-stale", "")
    if stale == "-1":
        return Sign("not_proven", "OPcache may not be asked here (opcache.restrict_api)")
    if stale != "0":
        return Sign("not_proven", f"OPcache still held {stale} old scripts")
    return Sign("not_proven", "the proof is of another request")


def _got(seen: LookSeen) -> str:
    return seen.error or f"status {seen.status}"


def _result(name: str, wrong: Sign | None) -> CheckResult:
    if wrong is None:
        return CheckResult(name=name, passed=True)
    return CheckResult(
        name=name,
        passed=False,
        sign=wrong.slug,
        detail=visible(wrong.detail, _DETAIL),
        blocked=wrong.blocked,
    )
