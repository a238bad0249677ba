# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Which tables and views differ from a snapshot's fingerprint, and in what. Putting them back is
# left to restore_database.sh.

compare_fingerprints() { # before, now: lines of `what to do` TAB name
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
                if (now_is[name] != "") print "drop " now_is[name] "\t" name
            }
            for (name in now_is) if (!(name in sort_of)) print "drop " now_is[name] "\t" name "\tadded"
        }' part=before "$1" part=now "$2"
}

only() { # what, file of differences: names
    what=$1 awk 'BEGIN { FS = "\t" } $1 == ENVIRON["what"] { print $2 }' "$2"
}

find_differences() { # snapshot folder
    work=$run_dir/restore
    mkdir -p -- "$work"
    list_tables "$1" "$work/tables" "$work"
    if ! fingerprint_since "$work/tables" "$work/fingerprint" "$1"; then
        # One that somebody holds is not broken: the next attempt may find it free.
        ! grep -q 'ERROR 1205 ' "$work/fingerprint.err" "$work/fingerprint.moves.err" 2>/dev/null ||
            fail database.unreachable "a table is locked by somebody else: $(last_words "$work/fingerprint.err")"
        # A table that cannot be read is one of those to put back: see which, one by one.
        fingerprint_singly "$work/tables" "$work/fingerprint" "$1"
    fi
    compare_fingerprints "$1/fingerprint" "$work/fingerprint" >"$work/differences" || no_room
}

fingerprint_singly() { # list of tables, target, snapshot folder
    : >"$2"
    while IFS= read -r line; do
        printf '%s\n' "$line" >"$2.one"
        if fingerprint_since "$2.one" "$2.part" "$3"; then
            cat "$2.part" >>"$2" || no_room
            continue
        fi
        # A moment without the database, or without this table, says nothing about its rows.
        await_database
        if fingerprint_since "$2.one" "$2.part" "$3"; then
            cat "$2.part" >>"$2" || no_room
        elif is_damaged "$line" "$2.part.err"; then
            printf '%s\tbroken\n' "$(printf '%s' "$line" | sed 's/^table/sum/')" >>"$2"
        else
            fail database.unreachable "$(names_of table "$2.one") cannot be read: $(last_words "$2.damage")"
        fi
    done <"$1"
}

# Only these errors say that the table itself is damaged or cannot be opened (MariaDB 10.11 and
# MySQL 8.0, error reference; handler errors of include/my_base.h). CHECKSUM TABLE answers NULL and
# keeps the error as a warning. A view holds no rows to lose.
is_damaged() { # line of the list of tables, what its fingerprint said
    case $1 in view*) return 0 ;; esac
    printf 'CHECKSUM TABLE `%s` EXTENDED;\nSHOW WARNINGS;\n' "${1#table	}" | sql 2>&1 | cat "$2" - >"${2%.part.err}.damage"
    grep -qE -e '^(ERROR |Error	)(1016|1017|1033|1034|1194|1195|1286|1712|1812|1877|1932)[^0-9]' \
        -e 'Got error (126|127|130|134|140|144|145)[^0-9]' "${2%.part.err}.damage"
}

# What a later rollback to this run would do to each table, before anybody agreed to it: lines of
# name, fate (tiers.sh), rows newer than the snapshot, rows that were there and have changed.
changed_tables() { # run
    require_lock
    name_snapshot "$1"
    require_snapshot "$from"
    find_credentials "$from"
    find_differences "$from"
    notes_of=${from%/snapshot}
    : >"$run_dir/left"
    decide_fates later "$from"
    leave_unrestorable "$from" later
    # Counting takes an import: in a large database only where the answer decides something.
    counted='ask|leave|live'
    [ "$(stat -c %s -- "$from/dump.sql")" -lt 50000000 ] || counted=ask
    fates "$counted" | awk -F '\t' 'part == "dumped" { dumped[$0]; next } $2 in dumped' \
        part=dumped "$from/dump.tables" part=fates - >"$work/restored.fates"
    name_shadows
    : >"$work/asked.rows"
    if [ -s "$work/shadows" ]; then
        stage_shadows "$from" 2>"$work/tables.err" || fail snapshot.damaged "$(last_words "$work/tables.err")"
        awk 'BEGIN { FS = OFS = "\t" } { print $1, $2, $3, $2 }' "$work/shadows" >"$work/asked"
        carry "$work/asked" ask >"$work/asked.rows" || fail database.unreachable "rows could not be compared"
        drop_shadows
    fi
    count_newer "$from" >"$work/newer"
    awk 'BEGIN { FS = OFS = "\t" }
        part == "newer" { newer[$1] = $2; next }
        part == "asked" { changed[$1] = $2; next }
        { print $2, $1, ($2 in newer ? newer[$2] : "?"), ($2 in changed ? changed[$2] : "?") }' \
        part=newer "$work/newer" part=asked "$work/asked.rows" part=fates "$work/fates" | sort -u | sed 's/^/table=/'
}
