"""What visitors wrote before the freeze outlives a rollback; during it they are told to wait."""

import threading

import pytest

from tests.e2e.conftest import Take
from tests.e2e.fleet import Fleet, until

SLOW = """<?php
// Answers a request begun before the freeze, and writes only once the freeze stands.
// A quick run lets visitors in before WordPress would take another comment of theirs (15 s).
add_filter( 'comment_flood_filter', '__return_false', 99 );
if ( isset( $_GET['slow'] ) ) {
    add_action( 'template_redirect', function () {
        for ( $n = 0; $n < 300 && ! file_exists( ABSPATH . '.maintenance' ); $n++ ) {
            usleep( 100000 );
            clearstatcache();
        }
        sleep( (int) $_GET['slow'] );
        $text = 'from the slow one';
        wp_insert_comment( array( 'comment_post_ID' => 1, 'comment_content' => $text ) );
        echo 'written';
        exit;
    } );
}
"""


@pytest.mark.xdist_group("blog")
def test_comments_and_slow_requests_outlive_a_rollback(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    site.write("wp-content/mu-plugins/slow.php", SLOW)
    fleet.pin("blog", "lab-guestbook", "2.8")
    answers: list[tuple[int, str]] = []
    slow = threading.Thread(
        target=lambda: answers.append(site.curl("/?slow=1", "-m", "60")), daemon=True
    )
    assert site.comment("posted before") in (200, 302)

    running = fleet.start("apply", "blog", "--yes")
    until(running, "stage")
    slow.start()
    until(running, "apply")
    assert site.comment("posted during") == 503
    out, err = running.communicate(timeout=200)
    slow.join(30)

    assert running.returncode == 4, out + err
    assert answers
    assert answers[0][0] == 200
    assert "written" in answers[0][1]
    assert site.comments("posted before") == 1
    assert site.comments("from the slow one") == 1
    assert site.comments("posted during") == 0
    site.assert_open()
    assert site.comment("posted after") in (200, 302)
    assert site.comments("posted after") == 1


@pytest.mark.xdist_group("blog")
def test_a_request_that_does_not_end_in_time_refuses_the_run(take: Take, fleet: Fleet) -> None:
    (site,) = take("blog")
    site.write("wp-content/mu-plugins/slow.php", SLOW)
    fleet.pin("blog", "lab-guestbook", "1.1")
    fleet.replace("blog", "plugins:\n", "freeze: {drain: 2s}\nplugins:\n")
    slow = threading.Thread(target=site.curl, args=("/?slow=9", "-m", "60"), daemon=True)

    running = fleet.start("apply", "blog", "--yes")
    until(running, "stage")
    slow.start()
    out, err = running.communicate(timeout=200)
    slow.join(30)

    assert running.returncode == 3, out + err
    assert "reason[drain.busy]" in out
    assert site.comments("from the slow one") == 1
    assert fleet.last_run("blog")["outcome"] == "refused"
    site.assert_open()
