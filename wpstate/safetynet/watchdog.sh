# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The watchdog: a process that outlives the connection. When the deadline has passed and nobody
# has settled the verdict, or when the controller is not heard of any more, it ends the run.

detach() { # verb and arguments of this program: on its own, with all streams closed
    starter=
    command -v setsid >/dev/null && starter=setsid
    (
        cd / && $starter nohup sh "$run_dir/net.sh" "$@" </dev/null >"$run_dir/$1.log" 2>&1 &
    )
}

# Begun with the lock, in another connection than the freeze: that it lives on until then is the
# proof that this host lets processes live.
start_watchdog() {
    rm -f -- "$run_dir/watchdog.pid"
    detach watchdog
}

require_watchdog() {
    # A busy host may take seconds to start a process; visitors do not wait yet.
    given_up_at=$(($(date +%s) + 6))
    until [ -s "$run_dir/watchdog.pid" ] || [ "$(date +%s)" -ge "$given_up_at" ]; do
        sleep 0.05 2>/dev/null || sleep 1
    done
    watch=$(cat "$run_dir/watchdog.pid" 2>/dev/null) || watch=
    if lives "$watch"; then return 0; fi
    if [ -e "$run_dir/cron" ]; then return 0; fi
    if [ -n "$attended" ]; then
        journal begin "without a watchdog: somebody is there"
        return 0
    fi
    fail host.no_watchdog "a process left on the host did not live on, and there is no working crontab"
}

overdue() {
    first_line "$run_dir/deadline"
    deadline_s=$first_line
    if [ -n "$deadline_s" ]; then
        [ "$(date +%s)" -ge "$deadline_s" ]
    else
        [ "$(heartbeat_age "$run")" -ge "$abandoned_after_s" ]
    fi
}

watchdog() {
    echo "$$" >"$run_dir/watchdog.pid"
    while [ -d "$run_dir" ] && read_holder && [ "$held_run" = "$run" ]; do
        # Taken over already: this takes over in turn from whoever did and died.
        own_epoch
        if [ "$held_epoch" != "$own_epoch" ] || overdue; then
            if take_over watchdog; then break; fi
        fi
        watch_freeze
        sleep 1
    done
    still_ours || exit 0
    finish_run watchdog
}

# The controller gives up its view of a site that is not settled: the host goes on by itself.
hand_over() {
    still_ours || return 0
    use_room
    phase=rollback
    journal begin "handed over to the host"
    phase=
    date +%s | replace_file "$run_dir/deadline" || no_room
    watch=$(cat "$run_dir/watchdog.pid" 2>/dev/null) || watch=
    lives "$watch" || start_watchdog
}
