# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Talking to the database: this site's tables and no others, and their fingerprint.

choose_client() {
    first_line "$run_dir/database"
    database=$first_line
    if [ ! -s "$my_cnf" ] || [ -z "$database" ]; then
        fail database.credentials "wp-config.php gave no credentials: $(last_words "$run_dir/credentials.err")"
    fi
    sql_client=$client
    if [ "$client" = auto ]; then
        if command -v mariadb >/dev/null; then sql_client=mariadb; else sql_client=mysql; fi
    fi
    command -v "$sql_client" >/dev/null || fail database.client "no $sql_client on this host"
    dumper=mysqldump
    if [ "$sql_client" = mariadb ]; then dumper=mariadb-dump; fi
    command -v "$dumper" >/dev/null || fail database.client "no $dumper on this host"
    know_client
    # Oracle's client needs to be told what MariaDB's and PHP's do by themselves.
    sql_extra=
    dump_extra=
    dump_limits=
    # Dumpers of MySQL before 8.4 may lack the option.
    if [ "$limits_known" = yes ]; then dump_limits=--init-command=$lock_limits; fi
    if [ "$flavour" != mariadb ]; then
        sql_extra='--get-server-public-key'
        dump_extra='--get-server-public-key --set-gtid-purged=OFF --column-statistics=0'
    fi
}

# What the two programs are is asked once a run. Where that finds no room it is asked again.
know_client() { # sets limits_known and flavour
    first_line "$run_dir/client"
    case $first_line in
        "$sql_client "?*' '?*)
            flavour=${first_line##* }
            limits_known=${first_line% *}
            limits_known=${limits_known##* }
            return
            ;;
    esac
    limits_known=no flavour=other
    if "$dumper" --help 2>/dev/null | grep -q -e '^ *--init-command'; then limits_known=yes; fi
    if "$sql_client" --version | grep -qi mariadb; then flavour=mariadb; fi
    echo "$sql_client $limits_known $flavour" >"$run_dir/client.$$" 2>/dev/null &&
        mv -f -- "$run_dir/client.$$" "$run_dir/client" 2>/dev/null || rm -f -- "$run_dir/client.$$"
}

# Servers wait a day for a table that somebody else has locked. Visitors would wait as long.
lock_limits='SET SESSION lock_wait_timeout = 30, SESSION innodb_lock_wait_timeout = 30'

sql() { # statements from stdin, rows to stdout; stops at the first error
    # shellcheck disable=SC2086 # one option, or none
    "$sql_client" --defaults-file="$my_cnf" $sql_extra --default-character-set=utf8mb4 --batch \
        --skip-column-names --max-allowed-packet=1G --connect-timeout=5 --init-command="$lock_limits" "$@" "$database"
}

dump() { # tables
    # shellcheck disable=SC2086 # options in one word, or none
    "$dumper" --defaults-file="$my_cnf" $dump_extra ${dump_limits:+"$dump_limits"} --default-character-set=utf8mb4 \
        --single-transaction --quick --skip-lock-tables --skip-add-locks --no-tablespaces \
        --hex-blob --skip-triggers --no-autocommit --max-allowed-packet=1G "$database" "$@" |
        # MariaDB's sandbox line (10.11.8 on) is a syntax error to other clients.
        { IFS= read -r first || first=
          case $first in '/*M!999999'*) ;; *) printf '%s\n' "$first" ;; esac
          cat; }
}

# Tables of this prefix, less those of other installs. A longer prefix is another install where
# it has core's own tables; digits are a network's own sites, unless they have users. What was
# another install at the snapshot stays one, also while it is itself half imported.
own_tables='
BEGIN { FS = "\t" }
part == "prefix" { prefix = $0; next }
part == "foreign" { foreign[$0]; next }
part == "neighbours" { other[$0]; next }
part == "names" { name[$1]; next }
function install(p) {
    return (p "options") in name && (p "posts") in name && (p "postmeta") in name &&
        ((p "users") in name || p !~ /[0-9]_$/)
}
FNR == 1 {
    for (n in name) if (n ~ /options$/) {
        p = substr(n, 1, length(n) - 7)
        if (length(p) > length(prefix) && index(p, prefix) == 1 && install(p)) other[p]
    }
    for (p in other) print "neighbour\t" p
}
index($1, prefix) != 1 || $1 in foreign || $1 ~ /^wpstate_(snap|trial|r|o|w)_/ { next }
{ for (p in other) if (index($1, p) == 1) next }
$1 ~ /[`\047"\\\/[:cntrl:]]/ || $1 ~ /^[. ]/ { print "odd"; next }
{ print ($2 == "VIEW" ? "view" : "table") "\t" $1 }'

# Other installs are noted. Not in a sealed snapshot: whoever reads one notes them in a folder of its own.
list_tables() { # folder with `prefix`, target, folder of the notes: lines of `table|view` TAB name
    printf 'SHOW FULL TABLES;\n' | sql >"$2.names" 2>"$2.err" ||
        fail database.unreachable "$(last_words "$2.err")"
    cat "$1/neighbours" "$3/neighbours" 2>/dev/null | sort -u >"$2.others"
    awk "$own_tables" part=prefix "$1/prefix" part=foreign "$run_dir/foreign" \
        part=neighbours "$2.others" part=names "$2.names" part=own "$2.names" |
        sort >"$2.all" || fail database.tables "awk failed"
    names_of neighbour "$2.all" >"$3/neighbours"
    sed '/^neighbour	/d' "$2.all" >"$2" || no_room
    rm -f -- "$2.names" "$2.others" "$2.all"
    ! grep -q '^odd' "$2" || fail snapshot.names "a table has an unusual name"
}

names_of() { # table|view|neighbour, list
    sed -n "s/^$1	//p" "$2"
}

# One line a fact: `def|sum|trigger` TAB table TAB text, `view` TAB name TAB text. CHECKSUM TABLE
# covers the rows, SHOW CREATE TABLE definitions and AUTO_INCREMENT, and neither the triggers.
fingerprint() { # list of tables, target, names of those whose rows are not read
    {
        names_of table "$1" | sed 's/.*/SHOW CREATE TABLE `&`;/'
        echo "SELECT 'wpstate part', 'view';"
        names_of view "$1" | sed 's/.*/SHOW CREATE VIEW `&`;/'
        echo "SELECT 'wpstate part', 'sum';"
        names_of table "$1" | awk '
            part == "unread" { unread[$0]; next }
            # CHECKSUM TABLE makes NULL of a lock that it waited for; this is an error, at once.
            !($0 in unread) { print "SELECT 1 FROM `" $0 "` LIMIT 0;"; names = names (n++ ? ",`" : "`") $0 "`" }
            END { if (n) print "CHECKSUM TABLE " names " EXTENDED;" }' part=unread "${3:-/dev/null}" part=own -
        echo "SELECT 'wpstate part', 'trigger';"
        echo "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER,
            SQL_MODE, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, ACTION_STATEMENT
            FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
            ORDER BY EVENT_OBJECT_TABLE, TRIGGER_NAME;"
        echo "SELECT 'wpstate part', 'end';"
    } | sql >"$2.rows" 2>"$2.err" || return 1
    # The client says nothing where its output finds no room.
    tail -n 1 "$2.rows" | grep -q '^wpstate part	end$' || {
        echo "the answer breaks off" >"$2.err"
        return 1
    }
    database=$database awk '
        BEGIN { FS = OFS = "\t"; now = "def" }
        part == "own" { own[$2]; next }
        $1 == "wpstate part" { now = $2; next }
        { name = $1; text = substr($0, length($1) + 2) }
        now == "sum" { name = substr(name, length(ENVIRON["database"]) + 2) }
        now != "trigger" || name in own { print now, name, text }' \
        part=own "$1" part=rows "$2.rows" | sort >"$2" || return 1
    rm -f -- "$2.rows"
    awk 'BEGIN { FS = "\t" } $1 == "sum" && $3 !~ /^[0-9]+$/ { bad = 1 } END { exit bad }' "$2" || {
        echo "a table cannot be read whole" >"$2.err"
        return 1
    }
}
