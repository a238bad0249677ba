# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The lock that keeps other runs out, and the epoch that makes an overtaken run notice.

# A folder renamed into place: rename(2) refuses a target that is not empty, so that a lock
# never exists without its facts, which `mkdir` and then a write could leave behind.
acquire() {
    require_tools
    write_places
    mkdir -p -- "$run_dir/lock.mine" || no_room
    first_line "$state/epoch"
    epoch=$((${first_line:-0} + 1))
    now_s=$(date +%s)
    {
        say nonce "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
        say epoch "$epoch"
        say controller "$controller"
        say machine "$machine"
        say process "$process"
        say run "$run"
        say since "$now_s"
    } >"$run_dir/lock.mine/info"
    # Before the lock: one without a heartbeat would look abandoned.
    echo "$now_s" >"$run_dir/heartbeat" || no_room
    if ! mv -T -- "$run_dir/lock.mine" "$state/lock" 2>/dev/null; then
        rm -rf -- "$run_dir/lock.mine"
        read_holder
        # What was uploaded for a run that never began goes again.
        [ "$held_run" = "$run" ] || rm -rf -- "$run_dir"
        phase=
        fail run.locked "run ${held_run:-?} of ${held_by:-?}, heard of $(heartbeat_age "$held_run") s ago, id ${held_nonce:-?}"
    fi
    # Read again under the lock: another run may have come and gone in between.
    first_line "$state/epoch"
    epoch=$((${first_line:-0} + 1))
    sed "s/^epoch=.*/epoch=$epoch/" "$state/lock/info" >"$state/lock/info.new" &&
        mv -f -- "$state/lock/info.new" "$state/lock/info" &&
        replace_lines "$state/epoch" "$epoch" "$run_dir/epoch" "$epoch" || {
        rm -rf -- "$state/lock"
        fail net.disk "cannot write into $state"
    }
    begin lock "$controller"
    start_watchdog
    read_credentials
    finish
    say epoch "$epoch"
    say now "$now_s"
    say state "$state"
}

own_epoch() { # sets own_epoch
    own_epoch=${taken_epoch:-}
    [ -z "$own_epoch" ] || return 0
    first_line "$run_dir/epoch"
    own_epoch=$first_line
}

still_ours() {
    own_epoch
    read_holder && [ "$held_run" = "$run" ] && [ "$held_epoch" = "$own_epoch" ]
}

require_lock() {
    if ! still_ours; then
        phase=
        fail run.fenced "this run does not hold the site's lock"
    fi
    # Whoever goes on with a run is no sign of its controller.
    [ -n "${taken_epoch:-}" ] || beat
}

# Whole at every moment: the watchdog would take an empty one for silence. It need not outlive a
# crash, so it is not synced.
beat() {
    date +%s >"$run_dir/heartbeat.$$" && mv -f -- "$run_dir/heartbeat.$$" "$run_dir/heartbeat"
}

lives() { # process of this run's program
    case $1 in '' | *[!0-9]*) return 1 ;; esac
    kill -0 "$1" 2>/dev/null && grep -qaF -- "$run_dir/net.sh" "/proc/$1/cmdline" 2>/dev/null
}

# Whoever goes on with a run whose controller is gone: from here on its verbs are refused, should
# it wake up. One that took over and died is taken over in turn. 1 where somebody is at it.
take_over() { # who
    read_holder && [ "$held_run" = "$run" ] || return 1
    last=$((held_epoch - held_first))
    if [ "$last" -gt 0 ]; then
        read -r taker _ <"$state/lock/taken.$held_nonce.$last/who" || return 1
        if [ "$taker" != "$$" ] && lives "$taker"; then return 1; fi
    fi
    # Taking over writes too.
    use_room
    rm -rf -- "$run_dir/taken.$$"
    mkdir -- "$run_dir/taken.$$" && echo "$$ $1" >"$run_dir/taken.$$/who" &&
        mv -T -- "$run_dir/taken.$$" "$state/lock/taken.$held_nonce.$((last + 1))" 2>/dev/null || {
        rm -rf -- "$run_dir/taken.$$"
        return 1
    }
    taken_epoch=$((held_epoch + 1))
    printf '%s\n' "$taken_epoch" | replace_file "$state/epoch"
    phase=lock
    journal end "taken over by $1"
    phase=
}

# Credentials are evaluated once, while PHP still works, and stay on the host.
read_credentials() {
    say credentials "$(
        if "$php" "$run_dir/wp_config.php" "$wp" "$url_host" 2>"$run_dir/credentials.err" |
            "$php" "$run_dir/credentials.php" "$my_cnf" "$run_dir/database" \
                2>>"$run_dir/credentials.err" && [ -s "$my_cnf" ]; then
            echo ok
        else
            echo failed
        fi
    )"
}

# What lives of this run, but for the watchdog: should this die too, it goes on.
end_verbs() {
    watch=$(cat "$run_dir/watchdog.pid" 2>/dev/null) || watch=
    group=
    if lives "$watch"; then read_group "$watch"; fi
    end_living "$group"
}

# A site that is changed and not settled is never just let go, whatever the controller believes:
# the watchdog puts it back now.
release() {
    remove_beacon
    released=
    if still_ours; then
        # A verb whose caller is gone would act on a site that is free, or another run's.
        unsettled || end_verbs
        if unsettled; then
            hand_over
            say released no
            return
        fi
        thaw
        begin "done"
        prune
        drop_emptied
        finish
        unset_cron
        # Renamed first: a lock half removed must not look like one without facts.
        mv -T -- "$state/lock" "$run_dir/lock.gone" && rm -rf -- "$run_dir/lock.gone"
        released=yes
    fi
    # Somebody who goes on with this run still needs them.
    if [ -n "$released" ] || ! read_holder || [ "$held_run" != "$run" ]; then rm -f -- "$my_cnf"; fi
}
