"""Who moved, git or the site? The answer is on the site's host, not in the controller."""

from typing import Any

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet

_LOG = """
CREATE TABLE {p}simple_history (id bigint AUTO_INCREMENT PRIMARY KEY, date datetime,
 logger varchar(30), level varchar(20), message varchar(255), occasionsID varchar(32),
 initiator varchar(16));
CREATE TABLE {p}simple_history_contexts (context_id bigint AUTO_INCREMENT PRIMARY KEY,
 history_id bigint, `key` varchar(255), value longtext);
INSERT INTO {p}simple_history (id, date, logger, initiator)
 VALUES (1, UTC_TIMESTAMP(), 'SimplePluginLogger', 'wp_user');
INSERT INTO {p}simple_history_contexts (history_id, `key`, value) VALUES
 (1, '_user_login', 'shop-owner'), (1, '_message_key', 'plugin_deactivated'),
 (1, 'plugin_slug', '.'), (1, 'plugin_name', 'Hello Dolly');
"""

pytestmark = pytest.mark.xdist_group("shop")


def test_an_empty_controller_says_the_same(take: Take, fleet: Fleet) -> None:
    (site,) = take("shop")
    assert _planned(fleet) == ([], [])
    fleet.pin("shop", "lab-guestbook", "1.1")
    assert _planned(fleet) == ([("plugins.lab-guestbook", "pending")], [])
    fleet.wpstate("apply", "shop", "--yes")
    site.wp("plugin", "deactivate", "hello")
    site.sql(_LOG)
    by_whom = " by shop-owner (Simple History)"
    fleet.pin("shop", "akismet", "{version: 5.5, state: active}")

    said = _planned(fleet)
    assert said == ([("plugins.akismet", "pending")], [("plugins.hello", "drift")])
    fleet.forget()
    assert _planned(fleet) == said

    # drift is shown and left alone until somebody asks, and a run forgets nobody's name
    assert by_whom in fleet.wpstate("plan", "shop").out
    fleet.wpstate("apply", "shop", "--yes")
    assert by_whom in fleet.wpstate("plan", "shop").out
    assert site.wp("plugin", "get", "akismet", "--field=status") == "active"
    assert site.wp("plugin", "get", "hello", "--field=status") == "inactive"
    fleet.forget()
    fleet.wpstate("apply", "shop", "--yes", "--heal")
    assert site.wp("plugin", "get", "hello", "--field=status") == "active"
    fleet.forget()
    assert _planned(fleet) == ([], [])
    site.assert_open()


def _planned(fleet: Fleet) -> tuple[list[Any], list[Any]]:
    (site,) = fleet.wpstate("plan", "shop", "--format", "json").json["sites"]
    changes = [(change["address"], change["cause"]) for change in site["changes"]]
    moved = [(noted["address"], noted["sort"]) for noted in site["noted"]]
    return changes, [one for one in moved if one[1] not in ("pinned", "unmanaged")]
