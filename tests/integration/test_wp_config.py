"""wp-config.php edited by tokens: what may be edited, and that all else stays byte for byte."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.integration.lab_site import CHECKOUT

FILES = CHECKOUT / "playbooks" / "files"
PROGRAM = """
foreach (array('wp_config_text.php', 'wp_config.php') as $file) { require $argv[1] . '/' . $file; }
$asked = json_decode($argv[3], true);
$text = new Wpstate_Config_Text(file_get_contents($argv[2]));
try { $changed = wp_config_set($argv[2], $asked); $error = null; }
catch (Throwable $thrown) { $changed = null; $error = $thrown->getMessage(); }
echo json_encode(array('found' => array_map(fn($n) => $text->find($n), array_keys($asked)),
    'changed' => $changed, 'error' => $error, 'place' => $text->has_place()));
"""
ALL_SORTS = r"""<?php
/** The base. */
define( 'WP_DEBUG', false ); // keep
define('NAME', 'it\'s');
	\define( "FULL" , 1 , false );
define( 'LINES',
	/* why */ 10 /* after */
);
const PLAIN = 5;
const ONE = 1, TWO = 2;
define('COMPUTED', getenv('X') ?: 'y');
define('JOINED', 'a' . 'b');
define('OF_ANOTHER', WP_DEBUG);
define('NEGATIVE', -5);
if ( true ) { define('IN_IF', 1); }
if ( true ) define('AFTER_IF', 1);
else define('AFTER_ELSE', 1);
if ( true ):
	foo(); define('IN_LONG_IF', 1);
endif;
defined('GUARDED') || define('GUARDED', 1);
define('OR_DIE', 1) or die();
define('TWICE', 1);
define('TWICE', 2);
$x = "a{$b['c']} ${d} } {";
define('AFTER_TEXT', "x");
function f() { define('IN_FUNCTION', 1); }
for ($i = 0; define('IN_FOR', 1); ) { break; }
// define('COMMENTED', 1);
echo 'define("QUOTED", 1);';
$table_prefix = 'wp_';
/* That's all, stop editing! Happy publishing. */
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
define('LATE', 1);
"""


def put(file: Path, asked: Mapping[str, object]) -> Any:
    command = ("php", "-r", PROGRAM, "--", str(FILES), str(file), json.dumps(asked))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "wp-config.php"
    path.write_text(ALL_SORTS)
    path.chmod(0o640)
    return path


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        ("WP_DEBUG", True, "'WP_DEBUG', false )", "'WP_DEBUG', true )"),
        ("NAME", "a'b\\c", r"'it\'s'", r"'a\'b\\c'"),
        ("NAME", 7, r"'it\'s'", "7"),
        ("FULL", 2, '"FULL" , 1 , false', '"FULL" , 2 , false'),
        ("LINES", 20, "/* why */ 10 /* after */", "/* why */ 20 /* after */"),
        ("PLAIN", 6, "PLAIN = 5", "PLAIN = 6"),
        ("NEGATIVE", 5, "-5", "5"),
        ("AFTER_TEXT", "y", '"x"', "'y'"),
        ("WP_DEBUG", None, "define( 'WP_DEBUG', false );", ""),
        ("NAME", None, "define('NAME', 'it\\'s');\n", ""),
        ("FULL", None, '\t\\define( "FULL" , 1 , false );\n', ""),
        ("LINES", None, "define( 'LINES',\n\t/* why */ 10 /* after */\n);\n", ""),
        ("COMMENTED", 2, "/* That's", "define( 'COMMENTED', 2 );\n/* That's"),
        ("QUOTED", 2, "/* That's", "define( 'QUOTED', 2 );\n/* That's"),
        ("NEW", "<?php ?>", "/* That's", "define( 'NEW', '<?php ?>' );\n/* That's"),
    ],
)
def test_one_value_changes_and_nothing_else(
    file: Path, name: str, value: object, old: str, new: str
) -> None:
    assert ALL_SORTS.count(old) == 1

    said = put(file, {name: value})

    assert (said["error"], said["changed"]) == (None, [name])
    assert file.read_text() == ALL_SORTS.replace(old, new)
    assert file.stat().st_mode & 0o7777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["wp-config.php"]
    assert put(file, {name: value})["changed"] == []


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("TWO", "missing"),  # the probe sees that it is defined all the same
        ("ONE", "conditional"),
        ("COMPUTED", "computed"),
        ("JOINED", "computed"),
        ("OF_ANOTHER", "computed"),
        ("IN_IF", "conditional"),
        ("AFTER_IF", "conditional"),
        ("AFTER_ELSE", "conditional"),
        ("IN_LONG_IF", "conditional"),
        ("GUARDED", "conditional"),
        ("OR_DIE", "conditional"),
        ("TWICE", "twice"),
        ("IN_FUNCTION", "conditional"),
        ("IN_FOR", "conditional"),
        ("ABSPATH", "conditional"),
        ("LATE", "late"),
    ],
)
def test_what_is_not_plain_is_told_and_never_edited(file: Path, name: str, form: str) -> None:
    said = put(file, {name: 99})
    assert said["found"] == [{"form": form}]
    if form != "missing":
        assert said["error"] is not None
        assert file.read_text() == ALL_SORTS


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            "<?php\r\n$a = 1;\r\nrequire ABSPATH . 'wp-settings.php';\r\n",
            "<?php\r\n$a = 1;\r\ndefine( 'NEW', true );\r\n"
            "require ABSPATH . 'wp-settings.php';\r\n",
        ),
        (
            "<?php require_once(ABSPATH.'wp-settings.php');",
            "<?php define( 'NEW', true );\nrequire_once(ABSPATH.'wp-settings.php');",
        ),
        (
            "<?php\nif (1) { /* stop editing */ }\n/* Stop Editing */ $b = 2;\n"
            "require 'wp-settings.php';",
            "<?php\nif (1) { /* stop editing */ }\ndefine( 'NEW', true );\n"
            "/* Stop Editing */ $b = 2;\nrequire 'wp-settings.php';",
        ),
        ("<?php\nif (1) { require 'wp-settings.php'; }", None),
        ("<?php\n$a = 'wp-settings.php';", None),
        ("<?php\nreturn 1;", None),
        ("<?php\nthis is no PHP", None),
    ],
)
def test_where_a_new_constant_goes(tmp_path: Path, text: str, after: str | None) -> None:
    file = tmp_path / "wp-config.php"
    file.write_bytes(text.encode())

    said = put(file, {"NEW": True})

    assert file.read_bytes().decode() == (after or text)
    assert (said["error"] is None) == (after is not None)


def test_a_link_is_never_replaced(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.php"
    link.symlink_to(file)
    said = put(link, {"WP_DEBUG": True})
    assert "link" in said["error"]
    assert link.is_symlink()
    assert file.read_text() == ALL_SORTS


_STATEMENTS = (
    "define( 'A', 1 );", "define('B', 'x'); // b", "const C = true;", "\\define(\"D\", 'it\\'s');",
    "if ( PHP_VERSION_ID ) { define('E', 1); }", "defined('F') || define('F', 'f');",
    "define('G', getenv('HOME') ?: 'g');", "/* define('A', 9); */",
    "$x = \"{$x} } define('B', 2);\";", "if ( $x ):\ndefine('H', 1);\nendif;",
    "define(\n\t'I', // ;\n\t-5\n);", "?>\n<?php", "function f() { return define('J', 1); }",
    "# define('C', 9);", "$y = <<<T\ndefine('A', 3);\nT;",
    "$z = array( 'a' => array( 1, ) ); foreach ( $z as $v ) { continue; }",
)  # fmt: skip


def _comes_to(file: Path) -> dict[str, object]:
    """What PHP itself makes of it: the oracle, which reads no token."""
    code = "$x = ''; require $argv[1]; echo json_encode( get_defined_constants( true )['user'] );"
    done = subprocess.run(("php", "-r", code, "--", str(file)), capture_output=True, text=True)
    said = json.loads(done.stdout.strip().rpartition("\n")[2] or "{}")
    assert isinstance(said, dict)
    return said


@pytest.mark.parametrize("seed", range(12))
def test_php_itself_sees_that_one_constant_and_no_other_changed(tmp_path: Path, seed: int) -> None:
    (tmp_path / "wp-settings.php").write_text("<?php\n")
    random = Random(seed)
    lines = random.sample(_STATEMENTS, k=random.randint(4, len(_STATEMENTS)))
    ends = random.choice(("\n", "\r\n"))
    settings = "require_once __DIR__ . '/wp-settings.php';"
    text = ends.join(("<?php", *"\n".join(lines).replace("\n", ends).split(ends), settings, ""))
    file = tmp_path / "wp-config.php"
    file.write_bytes(text.encode())
    before = _comes_to(file)
    for name in random.sample("ABCDEFGHIJK", k=5):
        value = random.choice((True, 7, "it's \\ <?php ?>", None))
        was, old = _comes_to(file), file.read_bytes()
        said = put(file, {name: value})
        if said["error"] is not None:
            assert file.read_bytes() == old
            continue
        due = {key: kept for key, kept in was.items() if key != name}
        assert _comes_to(file) == due | ({} if value is None else {name: value}), (lines, name)
    assert before.keys() >= _comes_to(file).keys() - set("ABCDEFGHIJK")
