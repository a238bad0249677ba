# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Keeping what a restore takes away or replaces, before it does. Putting tables back is left to
# restore_database.sh.

# What the run added is dumped before it goes. The dump counts, not what the dumper says.
keep_added() {
    {
        fated drop
        # A table where the snapshot has a view.
        awk -F '\t' 'part == "views" { want[$0]; next } $1 == "drop table" && $2 in want { print $2 }' \
            part=views "$work/views" part=differences "$work/differences"
    } >"$work/added.tables"
    fated empty >"$work/empty.tables"
    count_others >"$work/others" || return 1
    while IFS="$(printf '\t')" read -r table rows; do
        if [ "$rows" = 0 ]; then echo "$table" >>"$work/added.tables"; else
            printf '%s\t%s\t%s\n' "$table" "$rows" "it is new, and holds rows" >>"$run_dir/left"
        fi
    done <"$work/others"
    set --
    while IFS= read -r table; do set -- "$@" "$table"; done <"$work/added.tables"
    [ $# -gt 0 ] || return 0
    kept_as=$run_dir/quarantine/tables.$(date +%s).sql
    dump "$@" 2>"$work/leaving.err" | pack >"$kept_as"
    if ! unpack "$kept_as" 2>/dev/null | tail -n 1 | grep -q '^-- Dump completed'; then
        tables_trouble="new tables could not be kept aside: $(last_words "$work/leaving.err")"
        return 1
    fi
    sed 's/.*/DROP TABLE IF EXISTS `&`;/' "$work/added.tables" | { echo 'SET FOREIGN_KEY_CHECKS = 0;'; cat; } | sql
}

# Rows in new tables that the run did not add itself: lines of table TAB number.
count_others() {
    [ -s "$work/empty.tables" ] || return 0
    read_columns "$work/empty.tables" >"$work/columns" && how_numbered || return 1
    rule=$rule step=$step exact=$exact awk "$ours_awk"'
        BEGIN { FS = "\t" }
        part == "notes" { if (ENVIRON["rule"] == "own") note_ours($1, $2, $3); next }
        part == "columns" { if ($3 == "number") number[$1] = $2; next }
        {
            mine = $0 in number ? mine_in($0, number[$0]) : ""
            printf "SELECT \047%s\047, COUNT(*) FROM (SELECT 1 FROM `%s` o%s LIMIT 100000) t;\n", $0, $0, mine == "" ? "" : " WHERE NOT (" mine ")"
        }' part=notes "$notes" part=columns "$work/columns" part=tables "$work/empty.tables" | sql
}

# A copy beside them of those that are imported in their place. One that cannot be read at all has
# nothing to keep.
keep_in_place() {
    awk -F '\t' '
        part == "now" { if ($1 == "def") now[$2]; if ($1 == "sum" && $3 == "broken") broken[$2]; next }
        $2 in now && !($2 in broken) { printf "DROP TABLE IF EXISTS `%s`;\nCREATE TABLE `%s` ENGINE=InnoDB AS SELECT * FROM `%s`;\n", $4, $4, $2 }' \
        part=now "$work/fingerprint" part=in_place "$work/in_place" | sql || {
        tables_trouble="tables could not be kept aside: $(last_words "$work/tables.err")"
        return 1
    }
}
