# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Ending a run whose controller is gone, from whatever point it had reached: finished where it was
# confirmed, undone where it was not. Run by the watchdog, or by a later controller, always with
# the abandoned run's own program.

# stale: nothing was heard for ten minutes and nothing of it lives here. dead: whoever asks knows
# that the controller's process is gone. kill: as stale, but what lives here is ended.
# A third word names the run whose snapshot goes back where this run's own is damaged.
recover() { # nonce of the lock, stale|dead|kill, run or nothing
    instead=
    if [ -n "$3" ] && [ "$3" != "$run" ] && unsettled && ! is_whole "$snapshot"; then
        name_snapshot "$3"
        verify_snapshot "$from"
        instead=$3
    fi
    until read_holder && [ "$held_run" = "$run" ] && [ "$held_nonce" = "$1" ] && {
        [ "$2" = dead ] || require_silence
        [ "$2" != stale ] || [ -e "$run_dir/held" ] || [ -z "$(living "$run")" ] || fail run.locked "run $run is still at work on the host"
        take_over recover
    }; do
        # Somebody else was first, or is at it: the watchdog, or another controller.
        if ! read_holder || [ "$held_run" != "$run" ] || [ "$held_nonce" != "$1" ]; then
            say ended "$(cat "$run_dir/ended" 2>/dev/null || echo free)"
            sed 's/^/left=/' "$run_dir/left" 2>/dev/null
            return
        fi
        # A watchdog that only waits for its next attempt.
        if [ -e "$run_dir/held" ]; then end_living; else sleep 1; fi
    done
    if [ -n "$instead" ]; then echo "$instead tables" | replace_file "$run_dir/restore_from"; fi
    finish_run recover || exit 1
    say ended "$(cat "$run_dir/ended")"
    sed 's/^/left=/' "$run_dir/left" 2>/dev/null
}

require_silence() {
    silent_s=$(heartbeat_age "$run")
    [ "$silent_s" -ge "$abandoned_after_s" ] ||
        fail run.locked "run $run of $held_by is at work: heard of $silent_s s ago"
}

# Changed, or about to be, and neither confirmed nor put back. Once visitors are let in there is
# nothing to undo any more.
unsettled() {
    [ ! -e "$run_dir/restored" ] || return 1
    if [ -s "$run_dir/restore_from" ]; then return 0; fi
    [ -s "$snapshot/COMPLETE" ] && [ -e "$run_dir/deadline" ] && [ ! -e "$run_dir/thawed" ] &&
        [ "$(verdict)" != confirm ]
}

finish_run() { # who, with the lock taken over
    use_room
    wait_for_restore
    end_living
    if [ ! -e "$run_dir/thawed" ]; then settle rollback "$1" || true; fi
    if [ "$(verdict)" = confirm ]; then
        publish_record
        echo confirmed >"$run_dir/ended"
        # Visitors' look had failed, and the site was on its way back.
        if [ -s "$run_dir/restore_from" ]; then
            [ -e "$run_dir/restored" ] || restore_until_done || return 1
            echo rolled_back >"$run_dir/ended"
            unpublish_record
        fi
    elif [ -e "$run_dir/thawed" ] || { [ ! -s "$snapshot/COMPLETE" ] && [ ! -s "$run_dir/restore_from" ]; }; then
        # The site is changed only after its snapshot: without one there is nothing to put back.
        if [ -e "$run_dir/restored" ]; then echo rolled_back; else echo untouched; fi >"$run_dir/ended"
    else
        restore_until_done || return 1
        echo rolled_back >"$run_dir/ended"
    fi
    if [ "$(cat "$run_dir/ended")" = rolled_back ]; then flush_served; fi
    [ -s "$run_dir/summary.json" ] || abandoned_summary | replace_file "$run_dir/summary.json"
    thaw
    release
}

abandoned_summary() {
    printf '{"run":"%s","outcome":"%s","controller":"%s","reasons":[{"slug":"run.abandoned","found":"%s"}]}\n' \
        "$run" "$(if [ -s "$run_dir/left" ]; then echo needs_attention; else cat "$run_dir/ended"; fi)" "$controller" "its controller was not heard of any more"
}

# Everything that the run left at work on this host: its verbs with what they started, its
# watchdog, its playbook's scripts.
end_living() { # a process group to spare, or nothing
    for signal in TERM KILL; do
        left=$(living "$run" | grep -vxF -e "${1:-none}")
        [ -n "$left" ] || return 0
        for group in $left; do kill -s "$signal" -- "-$group" 2>/dev/null || true; done
        for tick in 1 2 3 4 5 6 7 8 9 10; do
            : "$tick"
            living "$run" | grep -qvxF -e "${1:-none}" || return 0
            sleep 0.1 2>/dev/null || sleep 1
        done
    done
}

# A restore that lives is left alone; one that died is taken over.
wait_for_restore() {
    while other=$(cat "$run_dir/restoring/pid" 2>/dev/null) && [ "$other" != "$$" ] && lives "$other"; do
        sleep 1
    done
}

# Where visitors come and go, the undone code must have run for the last time before tables go back,
# or it would change them again. Each step that fails is tried again with all the rest, or is waited
# for in vain: neither keeps the site from being put back.
end_new_code() { # run whose snapshot goes back
    (trap end_keeping EXIT && restore "$1" code) >"$run_dir/restore.answer" || return 0
    flush_served code
    (drain 15) >"$run_dir/restore.answer" || :
    phase=
}

# Tries on for a day. Meanwhile the lock is kept, so that nothing else is done to the site.
restore_until_done() {
    set -- "$run" tables
    # shellcheck disable=SC2046 # two words: a run by hand says what it restores
    [ ! -s "$run_dir/restore_from" ] || set -- $(cat "$run_dir/restore_from")
    [ "$2" != tables ] || nobody_else_wrote || end_new_code "$1"
    attempt=1
    while [ "$attempt" -le 294 ]; do
        # A failure ends the attempt's own subshell, and this program lives on.
        if (trap end_keeping EXIT && restore "$1" "$2") >"$run_dir/restore.answer"; then
            phase=rollback
            journal end "restored without the controller"
            phase=
            return 0
        fi
        still_ours || return 1
        if [ "$attempt" -eq 6 ]; then
            phase=rollback
            journal fail "held: $attempt attempts to restore failed, the lock is kept"
            phase=
            : >"$run_dir/held"
        fi
        stop_renewing
        # Whoever asked is told why, and the watchdog goes on.
        if [ "$verb" = recover ]; then
            cat "$run_dir/restore.answer"
            start_watchdog
            return 1
        fi
        if [ "$attempt" -lt 6 ]; then sleep 10; else sleep 300; fi
        attempt=$((attempt + 1))
    done
    return 1
}
