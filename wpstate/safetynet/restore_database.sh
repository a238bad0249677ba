# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Putting tables back: only those whose fingerprint differs are imported again from their own
# section of the dump; what was not there before is dumped into quarantine and dropped.

# Writes tables.import, tables.drop, views.drop, views.make, tables.trigger, tables.odd.
compare_fingerprints() { # before, now: lines of `what` TAB name
    awk '
        BEGIN { FS = "\t" }
        { fact = $1 FS $2; text = substr($0, length(fact) + 2) }
        part == "before" { if ($1 == "trigger") before[fact] = before[fact] text "\n"; else before[fact] = text; sort_of[$2] = $1 == "view" ? "view" : "table"; next }
        { if ($1 == "trigger") now[fact] = now[fact] text "\n"; else now[fact] = text; now_is[$2] = $1 == "view" ? "view" : "table" }
        END {
            for (name in sort_of) {
                if (sort_of[name] == "view") {
                    if (now_is[name] == "view" && now["view" FS name] == before["view" FS name]) continue
                    print "make view\t" name
                } else if (now_is[name] != "table" || now["def" FS name] != before["def" FS name] || now["sum" FS name] != before["sum" FS name]) {
                    print "import table\t" name
                } else if (now["trigger" FS name] != before["trigger" FS name]) {
                    print "set triggers\t" name
                } else continue
                if (name in now_is) print "drop " now_is[name] "\t" name
            }
            for (name in now_is) if (!(name in sort_of)) print "drop " now_is[name] "\t" name "\tadded"
        }' part=before "$1" part=now "$2"
}

only() { # what, file of differences: names
    what=$1 awk 'BEGIN { FS = "\t" } $1 == ENVIRON["what"] { print $2 }' "$2"
}

# The session's settings, then each wanted table's own section; a line start is always a
# statement, because the dump escapes the newlines in its values.
sections() { # file of table names; dump on stdin
    awk '
        part == "want" { want["-- Table structure for table `" $0 "`"]; next }
        /^-- Table structure for table `/ { seen = 1; on = $0 in want }
        /^\/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE/ { on = 1 }
        !seen || on' part=want "$1" part=dump -
}

find_differences() { # snapshot folder
    work=$run_dir/restore
    mkdir -p -- "$work"
    list_tables "$1" "$work/tables"
    if ! fingerprint "$work/tables" "$work/fingerprint"; then
        # A table that cannot be read is one of those to put back: see which, one by one.
        fingerprint_singly "$work/tables" "$work/fingerprint"
    fi
    compare_fingerprints "$1/fingerprint" "$work/fingerprint" >"$work/differences"
}

changed_tables() { # run
    require_lock
    name_snapshot "$1"
    require_snapshot "$from"
    find_credentials "$from"
    find_differences "$from"
    cut -f 2 "$work/differences" | sort -u | sed 's/^/table=/'
}

restore_database() { # snapshot folder; sets tables_trouble
    tables_trouble=
    tables_restored=
    find_differences "$1"
    mkdir -p -- "$run_dir/quarantine"
    [ -s "$work/differences" ] || return 0
    only 'import table' "$work/differences" >"$work/import"
    only 'set triggers' "$work/differences" >"$work/triggers"
    only 'make view' "$work/differences" >"$work/views"
    tables_restored=$(cat "$work/import" "$work/triggers" "$work/views")
    keep_before_restore || return
    import_tables "$1" 2>"$work/import.err" || {
        tables_trouble="import: $(last_words "$work/import.err")"
        return
    }
    list_tables "$1" "$work/tables"
    fingerprint "$work/tables" "$work/fingerprint" || {
        tables_trouble="$(last_words "$work/fingerprint.err")"
        return
    }
    compare_fingerprints "$1/fingerprint" "$work/fingerprint" >"$work/unlike.tables"
    if [ -s "$work/unlike.tables" ]; then
        tables_trouble="still different: $(tr '\t\n' ' ,' <"$work/unlike.tables" | cut -c 1-300)"
    fi
}

# What a rollback of the database to this run would rewind.
changed_tables() { # run
    require_lock
    case $1 in '' | *[!A-Za-z0-9_.-]* | .*) fail net.usage "not a run id" ;; esac
    from=$state/runs/$1/snapshot
    require_snapshot "$from"
    choose_client
    work=$run_dir/restore
    mkdir -p -- "$work"
    list_tables "$from" "$work/tables"
    fingerprint "$work/tables" "$work/fingerprint" ||
        fingerprint_singly "$work/tables" "$work/fingerprint"
    compare_fingerprints "$from/fingerprint" "$work/fingerprint" | cut -f 2 | sort -u |
        sed 's/^/table=/'
}

fingerprint_singly() { # list of tables, target
    : >"$2"
    while IFS= read -r line; do
        printf '%s\n' "$line" >"$2.one"
        if fingerprint "$2.one" "$2.part"; then cat "$2.part" >>"$2"; else
            printf '%s\tbroken\n' "$(printf '%s' "$line" | sed 's/^table/sum/')" >>"$2"
        fi
    done <"$1"
}

# What the restore replaces is worth keeping where it can be; what it drops must be kept.
keep_before_restore() {
    awk 'BEGIN { FS = "\t" } $1 == "drop table" { print $2 }' "$work/differences" >"$work/leaving"
    grep -qxFf "$work/triggers" "$work/leaving" 2>/dev/null &&
        grep -vxFf "$work/triggers" "$work/leaving" >"$work/leaving.new" &&
        mv -- "$work/leaving.new" "$work/leaving"
    set --
    while IFS= read -r table; do set -- "$@" "$table"; done <"$work/leaving"
    if [ $# -gt 0 ]; then
        kept_as=$run_dir/quarantine/tables.$(date +%s).sql
        dump "$@" 2>"$work/leaving.err" | pack >"$kept_as"
        if ! unpack "$kept_as" 2>/dev/null | tail -n 1 | grep -q '^-- Dump completed' &&
            grep -q '	added$' "$work/differences"; then
            tables_trouble="new tables could not be kept aside: $(last_words "$work/leaving.err")"
            return 1
        fi
    fi
}

import_tables() { # snapshot folder
    {
        # A request of the broken run may still hold a table: fail and say so rather than hang.
        echo 'SET SESSION lock_wait_timeout = 30; SET SESSION innodb_lock_wait_timeout = 30;'
        echo 'SET FOREIGN_KEY_CHECKS = 0;'
        awk 'BEGIN { FS = "\t" }
            part == "triggers" { stays[$1]; next }
            $1 == "drop view" { print "DROP VIEW IF EXISTS `" $2 "`;" }
            $1 == "drop table" && !($2 in stays) { print "DROP TABLE IF EXISTS `" $2 "`;" }' \
            part=triggers "$work/triggers" part=differences "$work/differences"
        if [ -s "$work/import" ]; then unpack "$1/dump.sql" | sections "$work/import"; fi
        echo "SET FOREIGN_KEY_CHECKS = 0; SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO';"
        awk 'BEGIN { FS = "\t" }
            part == "import" { want[$1]; next }
            $1 in want { printf "DELETE FROM `%s`;\nINSERT INTO `%s` (%s) SELECT %s FROM `%s`;\nCOMMIT;\n", $1, $1, $4, $4, $2 }' \
            part=import "$work/import" part=kept "$1/kept"
    } | sql || return 1
    drop_triggers "$work/triggers" | sql || return 1
    while IFS= read -r table; do
        [ ! -f "$1/triggers/$table.sql" ] || sql <"$1/triggers/$table.sql" || return 1
    done <<TABLES
$(cat "$work/import" "$work/triggers")
TABLES
    awk 'BEGIN { FS = "\t" }
        part == "views" { want[$1]; next }
        $1 == "view" && $2 in want {
            text = $3
            out = ""
            # Undo the client own escapes in batch mode.
            while ((at = index(text, "\\")) > 0) {
                c = substr(text, at + 1, 1)
                out = out substr(text, 1, at - 1) (c == "n" ? "\n" : c == "t" ? "\t" : c == "0" ? "" : c)
                text = substr(text, at + 2)
            }
            print out text ";"
        }' part=views "$work/views" part=before "$1/fingerprint" | sql
}

drop_triggers() { # file of tables: statements that drop their triggers as they are now
    awk 'BEGIN { FS = "\t" } part == "want" { want[$1]; next }
        $1 == "trigger" && $2 in want { print "DROP TRIGGER IF EXISTS `" $3 "`;" }' \
        part=want "$1" part=now "$work/fingerprint"
}
