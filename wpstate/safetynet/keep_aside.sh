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
    while IFS= read -r table; do
        rows=$(echo "SELECT COUNT(*) FROM (SELECT 1 FROM \`$table\` LIMIT 100000) t;" | sql) || return 1
        if [ "$rows" = 0 ]; then echo "$table" >>"$work/added.tables"; else
            printf '%s\t%s\t%s\n' "$table" "$rows" "it is new, and holds rows" >>"$run_dir/left"
        fi
    done <"$work/empty.tables"
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
