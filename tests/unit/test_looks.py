from dataclasses import replace

from tests.builders import desired
from wpstate.model.desired import DesiredState, Look
from wpstate.model.look import Eyes, LookRequest
from wpstate.planning import looks

ADMIN = "http://s/wp/wp-admin/"


def named(requests: tuple[LookRequest, ...]) -> list[str]:
    return [request.name for request in requests]


def site(*declared: Look) -> DesiredState:
    return replace(desired(), looks=declared)


def test_before_the_freeze_nobody_has_a_token() -> None:
    requests = looks.before_anonymous(site(Look("/"), Look("/contact/")), ADMIN)

    assert named(requests) == [
        "/ as visitor",
        "/contact/ as visitor",
        "/wp-json/ as visitor",
        "/ as crawler",
        "POST / as visitor",
        "/wp-login.php as visitor",
    ]
    assert not any(request.with_token for request in requests)
    assert not any(request.eyes is Eyes.ADMIN for request in requests)


def test_the_administrator_looks_under_the_freeze_and_with_the_token() -> None:
    requests = looks.before_frozen(site(), ADMIN)

    assert named(requests) == [
        "/wp-admin/ as admin",
        "/wp-admin/plugins.php as admin",
        "POST /wp-admin/admin-ajax.php as admin",
    ]
    assert all(request.with_token and request.eyes is Eyes.ADMIN for request in requests)


def test_after_the_changes_every_look_is_taken_twice_with_the_token() -> None:
    wanted = site(Look("/contact/"))
    before = looks.before_anonymous(wanted, ADMIN) + looks.before_frozen(wanted, ADMIN)

    after = looks.after(wanted, ADMIN)

    assert named(after) == named(before) * 2
    assert all(request.with_token for request in after)
    assert after[0].url == "http://s/"


def test_the_front_page_is_looked_at_where_nobody_declared_anything() -> None:
    assert looks.declared(site()) == (Look("/"),)


def test_a_name_stands_for_one_address() -> None:
    requests = looks.after(site(Look("/"), Look("/wp-json/"), Look("/contact/")), ADMIN)

    addresses = {(request.name, request.url) for request in requests}
    assert len(addresses) == len({name for name, _ in addresses})


def test_the_login_page_stands_beside_wp_admin() -> None:
    requests = {r.name: r.url for r in looks.after(site(), ADMIN)}

    assert requests["/wp-login.php as visitor"] == "http://s/wp/wp-login.php"
    assert requests["/wp-admin/ as admin"] == ADMIN


def test_the_freeze_is_proved_by_a_stranger_and_by_the_holder() -> None:
    stranger, holder = looks.freeze_proof(site())

    assert (stranger.with_token, holder.with_token) == (False, True)


def test_the_look_after_the_thaw_is_a_stranger_s_at_the_first_declared_page() -> None:
    (request,) = looks.after_thaw(site(Look("/shop/"), Look("/")))

    assert (request.url, request.with_token) == ("http://s/shop/", False)
