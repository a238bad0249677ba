# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The site's tables as one SQL text on stdout, for a backup: nothing of it touches this disk, and
# visitors go on. The last line says that all of it was said; whoever keeps the text looks for it.

stream_dump() {
    require_lock
    choose_client
    begin backup tables
    list_tables "$run_dir" "$run_dir/streamed" "$run_dir"
    set --
    while IFS="	" read -r _ name; do set -- "$@" "$name"; done <"$run_dir/streamed"
    [ $# -gt 0 ] || fail database.tables "this site has no tables"
    # A pipe hides how the dumper ended. Its own last line does not, and that reader looks for it.
    dump "$@" 2>"$run_dir/stream.err"
    said_by_dumper tables
    stream_triggers
    # Of a run that was overtaken nobody knows what else wrote meanwhile.
    require_lock
    finish
    printf -- '-- wpstate: whole %s\n' "$(names_of table "$run_dir/streamed" | wc -l)"
    rm -f -- "$run_dir/streamed" "$run_dir/stream.err"
}

said_by_dumper() { # part
    printf -- '-- wpstate: %s %s\n' "$1" "$(last_words "$run_dir/stream.err")"
}

stream_triggers() {
    echo "SELECT DISTINCT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE();" | sql >"$run_dir/stream.triggers" 2>"$run_dir/stream.err" ||
        fail database.unreachable "$(last_words "$run_dir/stream.err")"
    set --
    while IFS= read -r table; do
        if grep -qxF -e "table	$table" "$run_dir/streamed"; then set -- "$@" "$table"; fi
    done <"$run_dir/stream.triggers"
    rm -f -- "$run_dir/stream.triggers"
    [ $# -gt 0 ] || return 0
    # shellcheck disable=SC2086 # options in one word, or none
    "$dumper" --defaults-file="$my_cnf" $dump_extra ${dump_limits:+"$dump_limits"} \
        --default-character-set=utf8mb4 --no-data --no-create-info --skip-lock-tables \
        --no-tablespaces --triggers "$database" "$@" </dev/null 2>"$run_dir/stream.err"
    said_by_dumper triggers
}

# A run that only read has nothing to look back on: its folder goes, once the lock is back. Of runs
# that are made each few hours they would become many.
leave_nothing() {
    if read_holder && [ "$held_run" = "$run" ]; then return 0; fi
    [ -e "$snapshot/COMPLETE" ] || rm -rf -- "$run_dir"
}
