from dataclasses import replace

import pytest

from wpstate.model.desired import Look
from wpstate.model.look import CheckResult, Eyes, LookRequest, LookSeen
from wpstate.planning import looks, verdict

FRONT = Look("/", must_contain=("Bakery",), must_not_contain=("casino",))
PAGE = (
    "<html><body><h1>Bakery</h1><p>"
    + " ".join(f"bread{n}" for n in range(300))
    + '</p><a href="http://s/contact/">Contact</a></body></html>'
)
SPAM = '<html><body>Cheap pills <a href="http://pills.example/">casino bonus</a></body></html>'


def seen(
    body: str = PAGE,
    status: int | None = 200,
    *,
    path: str = "/",
    eyes: Eyes = Eyes.VISITOR,
    method: str = "GET",
    token: bool = True,
    proven: bool = True,
    final: str | None = None,
    error: str | None = None,
    headers: tuple[tuple[str, str], ...] = (("x-wpstate-proof", "p"), ("x-wpstate-stale", "0")),
) -> LookSeen:
    url = f"http://s{path}"
    name = looks.name_of(path, eyes, method)
    request = LookRequest(name, url, method, eyes, with_token=token)
    return LookSeen(
        request, status, final or url, headers, body, 0.1, error=error, proven=token and proven
    )


def well(**more: object) -> LookSeen:
    return seen(token=False, **more)  # type: ignore[arg-type]


def one(results: tuple[CheckResult, ...]) -> CheckResult:
    (result,) = results
    return result


def test_the_same_page_before_and_after_passes_under_one_name() -> None:
    result = one(verdict.judge((FRONT,), (well(),), (seen(), seen())))

    assert result == CheckResult("/ as visitor", True)


@pytest.mark.parametrize(
    ("sign", "after"),
    [
        ("status", seen(status=500)),
        ("status", seen(status=404)),
        ("text_missing", seen(PAGE.replace("Bakery", "Baker"))),
        ("text_present", seen(PAGE + "casino")),
        ("empty_body", seen("")),
        ("fatal_error_text", seen("Bakery. There has been a critical error on this website.")),
        ("final_url", seen(final="http://s/elsewhere/")),
        ("php_warning", seen(PAGE + "\nWarning: x in /a/b.php on line 3")),
        ("cut_short", seen(PAGE.removesuffix("</html>"))),
        ("shrunk", seen("<html>Bakery</html>")),
        ("timeout", seen("", None, error="timeout", proven=False)),
        ("not_proven", seen(proven=False, headers=())),
        ("not_proven", seen(proven=False)),
    ],
)
@pytest.mark.parametrize("second", [False, True])
def test_a_page_that_got_worse_fails_be_it_only_once(
    sign: str, after: LookSeen, second: bool
) -> None:
    taken = (seen(), after) if second else (after, seen())

    result = one(verdict.judge((FRONT,), (well(),), taken))

    assert (result.passed, result.sign) == (False, sign)
    assert result.detail


def test_a_warning_that_was_there_before_is_not_blamed() -> None:
    page = PAGE + "\nWarning: x in /a/b.php on line 3"

    assert one(verdict.judge((FRONT,), (well(body=page),), (seen(page),))).passed


def test_a_page_that_nobody_declared_must_only_stay_as_it_was() -> None:
    rest = seen('{"code":"no"}', 401, path="/wp-json/")
    before = (well(), well(body='{"code":"no"}', status=401, path="/wp-json/"))

    assert all(r.passed for r in verdict.judge((FRONT,), before, (seen(), rest)))
    worse = replace(rest, status=404)
    assert not all(r.passed for r in verdict.judge((FRONT,), before, (seen(), worse)))


def test_what_was_not_looked_at_again_has_not_passed() -> None:
    before = (well(), well(path="/wp-login.php"))

    results = verdict.judge((FRONT, Look("/contact/")), before, (seen(),))

    assert {r.name: r.sign for r in results if not r.passed} == {
        "/wp-login.php as visitor": "not_looked",
        "/contact/ as visitor": "not_looked",
    }


def test_a_crawler_that_gets_foreign_links_is_cloaking() -> None:
    crawler = well(eyes=Eyes.CRAWLER)
    after = (seen(), seen(PAGE + SPAM, eyes=Eyes.CRAWLER))

    results = verdict.judge((FRONT,), (well(), crawler), after)

    assert [r.sign for r in results] == [None, "cloaked"]
    assert "pills.example" in results[1].detail


def test_a_crawler_that_loses_the_words_which_visitors_keep_is_cloaking() -> None:
    other = PAGE.replace("bread", "pills")
    crawler = well(eyes=Eyes.CRAWLER)

    cloaked = verdict.judge((FRONT,), (well(), crawler), (seen(), seen(other, eyes=Eyes.CRAWLER)))
    redesign = verdict.judge(
        (FRONT,), (well(), crawler), (seen(other), seen(other, eyes=Eyes.CRAWLER))
    )

    assert cloaked[1].sign == "cloaked"
    assert redesign[1].passed


def test_a_wall_for_crawlers_before_and_after_is_nobody_s_fault() -> None:
    wall = "<title>Just a moment...</title>"
    before = (well(), well(body=wall, status=403, eyes=Eyes.CRAWLER))
    after = (seen(), seen(wall, 403, eyes=Eyes.CRAWLER, proven=False, headers=()))

    assert verdict.sick_before((FRONT,), before) == ()
    assert all(r.passed for r in verdict.judge((FRONT,), before, after))


def test_a_wall_that_came_with_the_run_is_blocked() -> None:
    after = seen("<title>Just a moment...</title>", 403, proven=False, headers=())

    result = one(verdict.judge((FRONT,), (well(),), (after,)))

    assert (result.passed, result.blocked) == (False, True)


@pytest.mark.parametrize(
    ("sign", "before"),
    [
        ("status", well(status=500)),
        ("status", well(status=404)),
        ("database_error", well(body="Bakery Error establishing a database connection")),
        ("text_missing", well(body="<html>nothing here</html>")),
        ("challenge", well(body="<title>Just a moment...</title>", status=403)),
        ("status", well(status=500, path="/wp-login.php")),
        ("login_wall", seen(path="/wp-admin/", eyes=Eyes.ADMIN, final="http://s/wp-login.php")),
        ("not_proven", seen(path="/wp-admin/", eyes=Eyes.ADMIN, proven=False)),
    ],
)
def test_a_site_that_is_ill_or_walled_before_is_told_so(sign: str, before: LookSeen) -> None:
    result = one(verdict.sick_before((FRONT,), (before,)))

    assert (result.passed, result.sign) == (False, sign)


def test_a_declared_status_is_no_illness() -> None:
    gone = Look("/shop/", status=503)

    assert verdict.sick_before((gone,), (well(path="/shop/", status=503),)) == ()


def test_the_freeze_is_proved_by_503_for_strangers_and_a_proof_for_the_holder() -> None:
    stranger, holder = well(status=503), seen()

    assert all(r.passed for r in verdict.judge_freeze(stranger, holder))
    assert verdict.judge_freeze(well(), holder)[0].sign == "not_frozen"
    assert verdict.judge_freeze(stranger, seen(proven=False))[1].sign == "not_proven"


def test_why_a_proof_failed_is_told() -> None:
    def detail(*headers: tuple[str, str]) -> str:
        look = seen(proven=False, headers=headers)
        return one(verdict.judge((FRONT,), (well(),), (look,))).detail

    proof = ("x-wpstate-proof", "p")
    assert "another server" in detail()
    assert "3 old scripts" in detail(proof, ("x-wpstate-stale", "3"))
    assert "restrict_api" in detail(proof, ("x-wpstate-stale", "-1"))


def test_after_the_thaw_the_declaration_holds_for_anybody() -> None:
    assert verdict.judge_thaw((FRONT,), well()).passed
    assert verdict.judge_thaw((FRONT,), well(status=503)).sign == "status"


def test_words_of_the_site_come_out_harmless_and_short() -> None:
    after = seen(PAGE + "\nWarning: \x1b[2J\u202e" + "x" * 280 + " in /a/b.php on line 3")

    detail = one(verdict.judge((FRONT,), (well(),), (after,))).detail

    assert len(detail) <= 200
    assert "\\x1b[2J\\u202e" in detail


def test_only_what_may_pass_by_itself_is_worth_another_look() -> None:
    fine = CheckResult("a", True)
    unproven = CheckResult("b", False, "not_proven")
    fatal = CheckResult("c", False, "fatal_error_text")
    welcome = CheckResult("/wp-admin/ as admin", False, "final_url")
    led_away = CheckResult("/ as visitor", False, "final_url")

    assert verdict.worth_another_look((fine, unproven))
    assert verdict.worth_another_look((fine, welcome))
    assert not verdict.worth_another_look((welcome, led_away))
    assert not verdict.worth_another_look((fine,))
    assert not verdict.worth_another_look((unproven, fatal))
