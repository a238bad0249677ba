# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Pruning: the last three complete snapshots of a site stay. The marker goes first, so that a
# snapshot half removed never looks whole.

prune() {
    use_room
    rm -rf -- "$run_dir/stage" "$run_dir/restore" "$run_dir/restoring" "$run_dir/applied.before"
    if [ ! -e "$snapshot/COMPLETE" ]; then rm -rf -- "$snapshot"; fi
    if [ -n "$plugins" ]; then rm -rf -- "$plugins/.wpstate-$run"; fi
    list_snapshots | sed 's/^snapshot=//' | sort -rn | awk 'NR > 3 { print $3 }' >"$run_dir/prune"
    while IFS= read -r old_run; do
        old=$state/runs/$old_run
        rm -f -- "$old/snapshot/COMPLETE"
        rm -rf -- "$old/snapshot" "$old/old" "$old/stage" "$old/quarantine"
    done <"$run_dir/prune"
    rm -f -- "$run_dir/prune"
    if [ -s "$my_cnf" ]; then (drop_copies) >/dev/null 2>&1; fi
}

# Tables copied inside the server whose snapshot is gone; also those that an earlier prune left
# behind because the database did not answer.
drop_copies() {
    choose_client
    cat "$state"/runs/*/snapshot/kept 2>/dev/null | cut -f 2 >"$run_dir/copies"
    echo "SHOW TABLES LIKE 'wpstate\\_snap\\_$(key8)\\_%';" | sql |
        grep -vxFf "$run_dir/copies" | sed 's/.*/DROP TABLE IF EXISTS `&`;/' | sql
    rm -f -- "$run_dir/copies"
    drop_notes
    # What a rollback replaced is kept as long as the snapshots of its time.
    for complete in "$state"/runs/*/snapshot/COMPLETE; do
        cat "${complete%/snapshot/COMPLETE}/epoch" 2>/dev/null
    done | sed "s/.*/^wpstate_o_$(key8)_&_/" >"$run_dir/copies"
    echo "SHOW TABLES LIKE 'wpstate\\_o\\_$(key8)\\_%';" | sql |
        grep -v -f "$run_dir/copies" | sed 's/.*/DROP TABLE IF EXISTS `&`;/' | sql
    rm -f -- "$run_dir/copies"
}
