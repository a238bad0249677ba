# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Putting tables back, each by its fate (tiers.sh). What is replaced is kept in the database, what
# the run added is dumped into quarantine; no table is touched before that.

# The session's settings, then each wanted table's own section; a line start is always a
# statement, because the dump escapes the newlines in its values.
sections() { # file of table names; dump on stdin
    awk '
        part == "want" { want["-- Table structure for table `" $0 "`"]; next }
        /^-- Table structure for table `/ { seen = 1; on = $0 in want }
        /^\/\*!40103 SET TIME_ZONE=@OLD_TIME_ZONE/ { on = 1 }
        !seen || on' part=want "$1" part=dump -
}

restore_database() { # snapshot folder, tier; sets tables_trouble
    tables_trouble=
    tables_restored=
    : >"$run_dir/left"
    : >"$run_dir/carried"
    : >"$work/moved"
    find_differences "$1"
    notes_of=${1%/snapshot}
    [ "$notes_of" != "$run_dir" ] || read_notes
    decide_fates "$2" "$1"
    take_up_carrying
    drop_shadows 2>/dev/null
    put_tables_back "$1" "$2" 2>"$work/tables.err" || {
        tables_trouble="${tables_trouble:-$(last_words "$work/tables.err")}"
        return
    }
    find_differences "$1"
    prove_tables "$2"
}

put_tables_back() { # snapshot folder, tier
    mkdir -p -- "$run_dir/quarantine"
    : >"$work/triggers"
    : >"$work/views"
    case $2 in later | component) ;; *)
        only 'set triggers' "$work/differences" >"$work/triggers"
        only 'make view' "$work/differences" >"$work/views"
        ;;
    esac
    leave_unrestorable "$1" "$2"
    fates 'back|carry|append|types|live|ask' >"$work/restored.fates"
    name_shadows
    # Tables with foreign keys or triggers cannot change names: they are imported in their place.
    awk -F '\t' 'part == "bound" { bound[$0]; next } $2 in bound' part=bound "$work/bound" part=shadows "$work/shadows" >"$work/in_place"
    awk -F '\t' 'part == "bound" { bound[$0]; next } !($2 in bound)' part=bound "$work/bound" part=shadows "$work/shadows" >"$work/shadows.new"
    mv -f -- "$work/shadows.new" "$work/shadows"
    # A request of the broken run may still hold a table: fail and say so rather than hang.
    stage_shadows "$1" || return 1
    settle_asked "$1" || return 1
    keep_added || return 1
    keep_in_place || return 1
    swap_shadows "$1" || return 1
    import_in_place "$1" || return 1
    carry_over "$1" || return 1
    set_triggers "$1" && make_views "$1" "$2" || return 1
    tables_restored=$(cut -f 2 "$work/shadows" "$work/in_place" && cat "$work/triggers" "$work/views")
}

# Tables that cannot be put back without losing something, for want of a dump or because others
# write into them: they stay, and are told.
leave_unrestorable() { # snapshot folder, tier
    awk -F '\t' '
        # Names of tables on either side of a foreign key, and those with triggers.
        $1 == "trigger" { print $2 }
        $1 == "def" && / REFERENCES `/ {
            print $2
            text = $0
            while ((at = index(text, " REFERENCES `")) > 0) { text = substr(text, at + 13); print substr(text, 1, index(text, "`") - 1) }
        }' "$1/fingerprint" "$work/fingerprint" | sort -u >"$work/bound"
    left=$run_dir/left tier=$2 awk '
        BEGIN { FS = OFS = "\t" }
        part == "dumped" { dumped[$0]; next }
        part == "bound" { bound[$0]; next }
        part == "now" { if ($1 == "def") now[$2]; next }
        $1 ~ /^(leave|drop|empty)$/ { print; next }
        !($2 in dumped) { print "leave", $2; print $2, "?", "the snapshot does not hold it" >(ENVIRON["left"]); next }
        $2 in bound && $2 in now && ENVIRON["tier"] ~ /^(own|later|component)$/ {
            print "leave", $2
            print $2, "?", "it has foreign keys or triggers, and visitors may write" >(ENVIRON["left"])
            next
        }
        $2 in bound && $1 == "ask" { print "leave", $2; print $2, "?", "nothing of the run explains its change" >(ENVIRON["left"]); next }
        # Rows that triggers and keys made follow those that made them.
        $2 in bound && $1 == "carry" && $3 != "theirs" { print "back", $2; next }
        { print }' part=dumped "$1/dump.tables" part=bound "$work/bound" part=now "$work/fingerprint" \
        part=fates "$work/fates" >"$work/fates.new" && mv -f -- "$work/fates.new" "$work/fates"
}

# Where nobody can tell who changed rows that were there before, they stay as they are.
settle_asked() { # snapshot folder
    awk 'BEGIN { FS = OFS = "\t" } $1 == "ask" { print $1, $2, $3, $2 }' "$work/shadows" >"$work/asked"
    [ -s "$work/asked" ] || return 0
    carry "$work/asked" ask >"$work/asked.rows" || return 1
    awk 'BEGIN { FS = OFS = "\t" } $2 > 0 { print $1, $2, "changed since, and nothing of the run explains it" }' \
        "$work/asked.rows" >>"$run_dir/left"
    awk '
        BEGIN { FS = OFS = "\t" }
        part == "rows" { if ($2 == 0) whole[$1]; next }
        part == "fates" { if ($3 == "rows") delete whole[$2]; next }
        # Where rows were only added there is nothing to put back.
        $1 == "ask" { if (!($2 in whole)) next; $1 = "append" }
        { print }' part=rows "$work/asked.rows" part=fates "$work/fates" part=shadows "$work/shadows" >"$work/shadows.new" &&
        mv -f -- "$work/shadows.new" "$work/shadows"
}

swap_shadows() { # snapshot folder
    [ -s "$work/shadows" ] || return 0
    lift_counters || return 1
    # Known before it happens, so that whoever goes on after us carries the rows over.
    awk 'BEGIN { FS = OFS = "\t" } { print $1, $2, $2, $4 }' "$work/shadows" | replace_file "$work/carrying" || return 1
    awk -F '\t' '
        part == "now" { if ($1 == "def") now[$2]; if ($1 == "view") view[$2]; next }
        FNR == 1 { print "SET SESSION lock_wait_timeout = 30; SET FOREIGN_KEY_CHECKS = 0;" }
        $2 in view { print "DROP VIEW IF EXISTS `" $2 "`;" }
        $2 in now { moves = moves (moves == "" ? "" : ", ") "`" $2 "` TO `" $4 "`" }
        { moves = moves (moves == "" ? "" : ", ") "`" $3 "` TO `" $2 "`" }
        END { print "RENAME TABLE " moves ";" }' part=now "$work/fingerprint" part=shadows "$work/shadows" | sql
}

import_in_place() { # snapshot folder
    [ -s "$work/in_place" ] || return 0
    cut -f 2 "$work/in_place" >"$work/import"
    {
        echo 'SET SESSION lock_wait_timeout = 30; SET SESSION innodb_lock_wait_timeout = 30;'
        echo 'SET FOREIGN_KEY_CHECKS = 0;'
        awk -F '\t' '
            part == "import" { want[$0]; next }
            $1 == "drop view" && $2 in want { print "DROP VIEW IF EXISTS `" $2 "`;" }
            $1 == "drop table" && $2 in want { print "DROP TABLE IF EXISTS `" $2 "`;" }' \
            part=import "$work/import" part=differences "$work/differences"
        dumped "$1" "$work/import"
        echo "SET FOREIGN_KEY_CHECKS = 0; SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO';"
        awk 'BEGIN { FS = "\t" }
            part == "import" { want[$1]; next }
            $1 in want { printf "DELETE FROM `%s`;\nINSERT INTO `%s` (%s) SELECT %s FROM `%s`;\nCOMMIT;\n", $1, $1, $4, $4, $2 }' \
            part=import "$work/import" part=kept "$1/kept"
    } | sql
}

carry_over() { # snapshot folder
    {
        cat "$work/carrying.before" 2>/dev/null
        awk 'BEGIN { FS = OFS = "\t" } { print $1, $2, $2, $4 }' "$work/shadows"
        # Their copies are there only where they could be read.
        awk 'BEGIN { FS = OFS = "\t" }
            part == "now" { if ($1 == "def") now[$2]; if ($1 == "sum" && $3 == "broken") delete now[$2]; next }
            $2 in now { print $1, $2, $2, $4 }' part=now "$work/fingerprint" part=in_place "$work/in_place"
    } | awk -F '\t' '$1 ~ /^(carry|append|types|live)$/' |
        # Posts before their postmeta, which asks for them.
        sort -t "$(printf '\t')" -k 2,2r >"$work/carry" || no_room
    carry "$work/carry" >"$work/carry.rows" || return 1
    awk 'BEGIN { FS = OFS = "\t" } $2 > 0 { print $1, $2 }' "$work/carry.rows" >>"$run_dir/carried"
    awk 'BEGIN { FS = OFS = "\t" } { unfit[$1] += $3 } END {
        for (name in unfit) if (unfit[name]) print name, unfit[name], "did not fit whole; the table that was replaced is kept"
    }' "$work/carry.rows" >>"$run_dir/left"
    if [ -s "$work/shadows" ]; then settle_counters "$1" || return 1; fi
    [ "$notes_of" != "$run_dir" ] || cut -f 2 "$work/shadows" "$work/in_place" \
        "$work/carry" | sort -u | forget_numbers || return 1
    rm -f -- "$work/carrying" "$work/carrying.before"
}

# A restore that died between its rename and its carrying.
take_up_carrying() {
    [ ! -s "$work/carrying" ] || cat "$work/carrying" >>"$work/carrying.before"
    rm -f -- "$work/carrying"
}

set_triggers() { # snapshot folder
    drop_triggers "$work/triggers" | sql || return 1
    while IFS= read -r table; do
        [ ! -f "$1/triggers/$table.sql" ] || sql <"$1/triggers/$table.sql" || return 1
    done <<TABLES
$(cut -f 2 "$work/in_place" && cat "$work/triggers")
TABLES
}

drop_triggers() { # file of tables: statements that drop their triggers as they are now
    awk 'BEGIN { FS = "\t" } part == "want" { want[$1]; next }
        $1 == "trigger" && $2 in want { print "DROP TRIGGER IF EXISTS `" $3 "`;" }' \
        part=want "$1" part=now "$work/fingerprint"
}

make_views() { # snapshot folder, tier
    awk 'BEGIN { FS = "\t" }
        part == "views" { want[$1]; next }
        part == "differences" { if ($1 == "drop view" && $2 in want) print "DROP VIEW IF EXISTS `" $2 "`;"; next }
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
        }' part=views "$work/views" part=differences "$work/differences" part=before "$1/fingerprint" | sql
    case $2 in later | component) return ;; esac
    # A view of the run's own holds no rows.
    awk -F '\t' '$1 == "drop view" && $3 == "added" { print "DROP VIEW IF EXISTS `" $2 "`;" }' "$work/differences" | sql
}

# What had to go back is as it was: definitions and rows; rows alone where some were carried over.
prove_tables() { # tier
    awk '
        BEGIN { FS = "\t" }
        part == "carried" || part == "moved" { more[$1]; next }
        part == "fates" { fate[$2] = $1; next }
        part == "left" { fate[$1] = "leave"; next }
        { name = $2 }
        $1 ~ /^drop (table|view)$/ { if ($3 == "added" && fate[name] != "leave" && tier !~ /^(later|component)$/) print; next }
        $1 == "make view" || $1 == "set triggers" { if (tier !~ /^(later|component)$/) print; next }
        $1 != "import table" || fate[name] == "leave" { next }
        fate[name] ~ /^(append|live|ask)$/ || name in more || fate[name] == "types" { next }
        { print }' tier="$1" part=carried "$run_dir/carried" part=moved "$work/moved" part=fates "$work/fates" part=left "$run_dir/left" \
        part=now "$work/differences" >"$work/unlike.tables" || no_room
    if [ -s "$work/unlike.tables" ]; then
        tables_trouble="still different: $(tr '\t\n' ' ,' <"$work/unlike.tables" | cut -c 1-300)"
    fi
}
