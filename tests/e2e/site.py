"""A site of the lab as these tests see it: by curl, find, sha256sum, WP-CLI and SQL."""

import hashlib
import pwd
import re
import shlex
import subprocess
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.oracle.whole import Whole, unlike, whole

LAB = Path("/var/lib/wpstate-lab")
CHECKOUT = Path(__file__).parents[2]
_SITES = yaml.safe_load((CHECKOUT / "inventories/lab/lab.yml").read_text("utf-8"))["all"][
    "children"
]["lab_sites"]["hosts"]
_SIGN_IN = """
require_once ABSPATH . 'wp-admin/includes/plugin.php';
set_site_transient( 'update_plugins', (object) array(
    'last_checked' => time(),
    'checked' => wp_list_pluck( get_plugins(), 'Version' ),
    'response' => array(), 'translations' => array(), 'no_update' => array(),
) );
$user = get_user_by( 'login', 'agency' );
$until = time() + 3600;
$token = WP_Session_Tokens::get_instance( $user->ID )->create( $until );
foreach ( array( AUTH_COOKIE => 'auth', LOGGED_IN_COOKIE => 'logged_in' ) as $name => $scheme ) {
    echo $name . '=' . wp_generate_auth_cookie( $user->ID, $until, $scheme, $token ) . '; ';
}
"""


@dataclass(frozen=True)
class Site:
    name: str
    account: str
    url: str
    root: Path
    """What belongs to the site; in `above`, wp-config.php is here and WordPress below."""
    wp_path: Path
    database: str
    prefix: str
    title: str

    @property
    def plugins(self) -> Path:
        return self.wp_path / "wp-content" / "plugins"

    @property
    def state(self) -> Path:
        """Where wpstate keeps what it knows of this site, on the site's host."""
        key = hashlib.sha256(str(self.wp_path).encode()).hexdigest()[:16]
        return Path(pwd.getpwnam(self.account).pw_dir) / ".wpstate" / key

    def reset(self) -> None:
        lab = CHECKOUT / "script" / "lab"
        subprocess.run((lab, "reset", self.name), check=True, capture_output=True, timeout=60)

    def end_hanging_requests(self) -> None:
        """Start the site's pool anew: its workers sleep for minutes."""
        lab = CHECKOUT / "script" / "lab"
        subprocess.run((lab, "restart", f"php-{self.name}"), check=True, capture_output=True)

    def forget_pages(self) -> None:
        """Empty the page cache that stands before one of the sites."""
        for page in (LAB / "run" / "pagecache").rglob("*"):
            if page.is_file():
                page.unlink()

    def warm(self, *, times: int = 2) -> None:
        """Have WordPress write all that it writes by itself when its pages are first opened. Once
        is enough for a site as the lab built it: a second time changes neither file nor row.

        It asks wordpress.org again at each opening of wp-admin/plugins.php until an answer came;
        the lab lets none through, so one is written as an answer would have been.
        """
        cookies = self.wp("eval", _SIGN_IN)
        for _ in range(times):
            for page in ("/", "/wp-json/", "/wp-login.php", "/contact/", "/nobody-knows/"):
                self.curl(page)
            self.curl("/", "-A", "Mozilla/5.0 (compatible; Googlebot/2.1)")
            self.curl("/", "-d", "warm=up")
            for page in ("/wp-admin/", "/wp-admin/plugins.php"):
                self.curl(page, "-b", cookies)
            self.curl("/wp-admin/admin-ajax.php", "-b", cookies, "-d", "action=none")

    def whole(self) -> Whole:
        neighbour = "wp_2_" if self.name == "blog" else ""
        return whole(self.root, self.database, self.prefix, neighbour)

    def curl(self, path: str, *options: str) -> tuple[int, str]:
        """Status and body; 0 where nothing answered in time."""
        argv = ("curl", "-s", "-m", "20", "-w", "\n%{http_code}", *options, f"{self.url}{path}")
        done = subprocess.run(argv, capture_output=True, encoding="utf-8", errors="replace")
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def wp(self, *words: str) -> str:
        """Ask WP-CLI, as the site's account; what it printed."""
        argv = ("runuser", "-l", self.account, "-s", "/bin/sh", "-c")
        asked = ("php", str(LAB / "cache/wp-cli.phar"), f"--path={self.wp_path}", *words)
        done = subprocess.run((*argv, shlex.join(asked)), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def sql(self, statement: str) -> str:
        """As root; `{p}` is the site's table prefix."""
        socket = f"--socket={LAB}/run/mysqld.sock"
        argv = ("mariadb", "--no-defaults", socket, "-N", "-B", self.database)
        text = statement.replace("{p}", self.prefix)
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> Path:
        """A file below the WordPress folder, owned by the site's account."""
        file = self.wp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        self._own(file.parent)
        self._own(file)
        return file

    def add_plugin(self, slug: str) -> Path:
        """A plugin that no directory knows: the contact form's files under another name."""
        with zipfile.ZipFile(LAB / "wporg/plugins/lab-contact.1.0.zip") as archive:
            for name in archive.namelist():
                if name.endswith("/contact.php"):
                    continue
                text = f"<?php\n/* Plugin Name: {slug} */\n" if name.endswith(".php") else "text\n"
                at = re.sub("lab-contact", slug, name)
                if not name.endswith("/"):
                    self.write(f"wp-content/plugins/{at}", text)
        return self.plugins / slug

    def comment(self, text: str) -> int:
        """Post a comment as a visitor on the first post; the HTTP status."""
        form = {
            "comment_post_ID": "1",
            "author": "Visitor",
            "email": f"{uuid.uuid4().hex}@example.test",
            "comment": text,
        }
        data = [
            word for key, value in form.items() for word in ("--data-urlencode", f"{key}={value}")
        ]
        return self.curl("/wp-comments-post.php", *data)[0]

    def mails(self) -> str:
        """All that PHP of this site ever sent."""
        sink = LAB / "log" / "mail" / self.name
        return sink.read_text("utf-8", "replace") if sink.exists() else ""

    def comments(self, text: str) -> int:
        count = "SELECT COUNT(*) FROM {p}comments WHERE comment_content = "
        return int(self.sql(f"{count}'{text}'"))

    def assert_as(self, before: Whole) -> None:
        """Bytes, modes, links, tables as they were; no trace of a run; visitors have the site."""
        changed = unlike(before, self.whole())
        assert not changed, "\n".join(changed[:40])
        self.assert_open()

    def assert_open(self) -> None:
        assert not (self.wp_path / ".maintenance").exists()
        assert not list(self.wp_path.glob("wpstate-*"))
        assert not list(self.wp_path.glob("wp-content/plugins/.*"))
        assert not (self.state / "lock").exists()
        for page in ("/", f"/?fresh={uuid.uuid4().hex}"):
            status, body = self.curl(page)
            assert status == 200
            assert self.title in body

    def _own(self, path: Path) -> None:
        subprocess.run(("chown", "-h", f"{self.account}:{self.account}", path), check=True)


def lab_site(name: str) -> Site:
    for line in (LAB / "etc/sites.tsv").read_text("utf-8").splitlines():
        found, account, port, _, root, wp_path, database, prefix = line.split("\t")
        if found == name:
            url = f"http://127.0.0.1:{port}"
            title = _SITES[name]["title"]
            return Site(name, account, url, Path(root), Path(wp_path), database, prefix, title)
    raise AssertionError(f"the lab has no site {name}: script/lab up")
