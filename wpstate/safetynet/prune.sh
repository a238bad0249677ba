# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Pruning: the last three complete snapshots of a site stay. The marker goes first, so that a
# snapshot half removed never looks whole.

prune() {
    rm -rf -- "$run_dir/stage" "$run_dir/restore" "$run_dir/restoring"
    if [ ! -e "$snapshot/COMPLETE" ]; then rm -rf -- "$snapshot"; fi
    if [ -n "$plugins" ]; then rm -rf -- "$plugins/.wpstate-$run"; fi
    list_snapshots | sed 's/^snapshot=//' | sort -rn | awk 'NR > 3 { print $3 }' >"$run_dir/prune"
    while IFS= read -r old_run; do
        old=$state/runs/$old_run
        if [ -s "$old/snapshot/kept" ] && [ -s "$my_cnf" ]; then
            (
                choose_client
                awk 'BEGIN { FS = "\t" } { print "DROP TABLE IF EXISTS `" $2 "`;" }' "$old/snapshot/kept" | sql
            ) >/dev/null 2>&1 || continue
        fi
        rm -f -- "$old/snapshot/COMPLETE"
        rm -rf -- "$old/snapshot" "$old/old" "$old/stage"
    done <"$run_dir/prune"
    rm -f -- "$run_dir/prune"
}
