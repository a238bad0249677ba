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
    # A busy host may take seconds to start a process; visitors wait no longer than it does.
    given_up_at=$(($(date +%s) + 6))
    while [ "$(date +%s)" -lt "$given_up_at" ]; do
        [ -s "$run_dir/watchdog.pid" ] && return 0
        sleep 0.02 2>/dev/null || sleep 1
    done
    rm -f -- "$maintenance"
    fail freeze.watchdog "the watchdog did not start within 6 s"
}

still_ours() {
    [ "$(holder run)" = "$run" ] && [ "$(holder epoch)" = "$(cat "$run_dir/epoch" 2>/dev/null)" ]
}

watchdog() {
    echo "$$" >"$run_dir/watchdog.pid"
    deadline_s=$(cat "$run_dir/deadline")
    while still_ours && [ "$(date +%s)" -lt "$deadline_s" ]; do sleep 1; done
    still_ours || exit 0
    if settle rollback watchdog || [ "$(verdict)" = rollback ]; then
        wait_for_restore
        still_ours || exit 0
        end_changes
        # The site is changed only after its snapshot: without one there is nothing to put back.
        if [ -s "$run_dir/restore_from" ] || [ -s "$snapshot/COMPLETE" ]; then
            restore_until_done || exit 1
        fi
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
wait_for_restore() {
    while other=$(cat "$run_dir/restoring/pid" 2>/dev/null) && kill -0 "$other" 2>/dev/null; do sleep 1; done
}

restore_until_done() {
    set -- "$run" yes
    # shellcheck disable=SC2046 # two words: a run by hand says what it restores
    [ ! -s "$run_dir/restore_from" ] || set -- $(cat "$run_dir/restore_from")
    for attempt in 1 2 3 4 5 6; do
        if (restore "$1" "$2"); then
            journal end "restored by the watchdog"
            return 0
        fi
        sleep 10
    done
    phase=rollback
    journal fail "the watchdog gave up after $attempt attempts"
    return 1
}
