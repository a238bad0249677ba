# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Putting tables back: only those whose fingerprint differs are imported again from their own
# section of the dump; what was not there before is dumped into quarantine and dropped.

# The session's settings, then each wanted table's own section; a line start is always a
# statement, because the dump escapes the newlines in its values.
sections() { # file of table names; dump on stdin
    awk '
        part == "want" { want["-- Table structure for table `" $0 "`"]; next }
        /^-- Table structure for table `/ { seen = 1; on = $0 in want }
        /^\/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE/ { on = 1 }
        !seen || on' part=want "$1" part=dump -
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
    fingerprint_since "$work/tables" "$work/fingerprint" "$1" || {
        tables_trouble="$(last_words "$work/fingerprint.err")"
        return
    }
    compare_fingerprints "$1/fingerprint" "$work/fingerprint" >"$work/unlike.tables"
    if [ -s "$work/unlike.tables" ]; then
        tables_trouble="still different: $(tr '\t\n' ' ,' <"$work/unlike.tables" | cut -c 1-300)"
    fi
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
        if [ -s "$work/import" ]; then dumped "$1" "$work/import"; fi
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
