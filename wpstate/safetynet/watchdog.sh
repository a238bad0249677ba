# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The watchdog: a process that outlives the connection. When the deadline has passed and nobody
# has settled the verdict, it restores, thaws and gives the lock back by itself.

arm_watchdog() {
    starter=
    command -v setsid >/dev/null && starter=setsid
    (
        cd / && $starter nohup sh "$run_dir/net.sh" watchdog </dev/null >"$run_dir/watchdog.log" 2>&1 &
    )
    for wait in 1 2 3 4 5 6 7 8 9 10; do
        [ -s "$run_dir/watchdog.pid" ] && return 0
        sleep 0.02 2>/dev/null || sleep 1
    done
    rm -f -- "$maintenance"
    fail freeze.watchdog "the watchdog did not start (after $wait looks)"
}

still_ours() {
    [ "$(holder run)" = "$run" ] && [ "$(holder epoch)" = "$(cat "$run_dir/epoch" 2>/dev/null)" ]
}

watchdog() {
    echo "$$" >"$run_dir/watchdog.pid"
    deadline_s=$(cat "$run_dir/deadline")
    while still_ours && [ "$(date +%s)" -lt "$deadline_s" ]; do sleep 1; done
    still_ours || exit 0
    if [ ! -s "$snapshot/COMPLETE" ]; then
        # The site is changed only after its snapshot: there is nothing to put back.
        settle rollback watchdog
    elif settle rollback watchdog || [ "$(verdict)" = rollback ]; then
        end_changes
        restore_until_done || exit 1
    else
        publish_record
    fi
    thaw
    release
}

# The run's own work on the site may go on after its controller died.
end_changes() {
    [ -s "$run_dir/pgid" ] || return 0
    for signal in TERM KILL; do
        while read -r group; do
            case $group in '' | *[!0-9]* | 0 | 1) continue ;; esac
            kill -"$signal" -- "-$group" 2>/dev/null || true
        done <"$run_dir/pgid"
        sleep 1
    done
}

# A restore of the controller's that lives is left alone; one that died is taken over.
restore_until_done() {
    for attempt in 1 2 3 4 5 6; do
        if (restore "$run" yes); then
            journal end "restored by the watchdog"
            return 0
        fi
        sleep 10
    done
    phase=rollback
    journal fail "the watchdog gave up after $attempt attempts"
    return 1
}
