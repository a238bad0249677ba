"""Only what a run can put back is put into a site: code of this very site, through no link."""

import io
import tarfile
from collections.abc import Iterator

import pytest

from tests.integration.lab_site import borrowed
from tests.integration.safety_net_lab import BLOG, ready
from tests.integration.test_safety_net_restore import unlike
from wpstate.adapters.safety_net import SshSafetyNet
from wpstate.model.problem import Refused

_MADE = (
    "mkdir -p nested/wp-includes nested/more plain /tmp/wpstate-put-in; "
    "touch nested/wp-includes/version.php; ln -s /tmp/wpstate-put-in linked"
)


@pytest.fixture(scope="module")
def net() -> Iterator[SshSafetyNet]:
    with borrowed("blog"):
        _sh(_MADE)
        try:
            with ready(BLOG) as opened:
                yield opened
        finally:
            _sh("rm -rf nested plain linked /tmp/wpstate-put-in")


def _sh(script: str) -> str:
    return BLOG.sh(f"cd {BLOG.wp_path} && {{ {script}; }}")


def _tar(text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("it")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


@pytest.mark.parametrize(
    "path",
    [
        "wp-content", "wp-content/uploads", "wp-content/uploads/a.jpg", "wp-content/cache/x",
        "nested", "nested/more", "nested/wp-includes/version.php", "..", "../x", "plain/../x",
        "/etc", "", ".", ".maintenance", "plain/.wpstate-x",
    ],
)  # fmt: skip
def test_what_no_snapshot_holds_is_refused_before_anything(net: SshSafetyNet, path: str) -> None:
    before = BLOG.tree()
    with pytest.raises(Refused) as refused:
        net.bring(path, _tar("x"))
    assert [p.slug for p in refused.value.problems] == ["restore.path"]
    assert unlike(before, BLOG.tree()) == []


def test_nothing_is_written_through_a_link(net: SshSafetyNet) -> None:
    net.bring("linked/x.php", _tar("x"))
    with pytest.raises(Refused):
        net.put_in("linked/x.php")
    assert _sh("ls /tmp/wpstate-put-in") == ""


def test_asked_again_it_does_nothing_more_and_a_restore_undoes_it(net: SshSafetyNet) -> None:
    before = BLOG.tree()
    net.bring("wp-content/plugins/akismet", _tar("new"))
    net.put_in("wp-content/plugins/akismet")
    net.put_in("wp-content/plugins/akismet")
    assert _sh("cat wp-content/plugins/akismet") == "new"
    assert [(c.path, c.sort) for c in net.tree_changes()][:1]
    net.restore()
    assert unlike(before, BLOG.tree()) == []
