# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# A line in the account's crontab while a run is under way: where the watchdog was ended, by a
# reboot above all, it is at work again within a minute.

cron_line() {
    printf "* * * * * sh '%s/net.sh' cron >/dev/null 2>&1 # wpstate %s\n" "$run_dir" "$run"
}

# The account's own lines are other people's: nothing is written unless they could be read whole,
# and two sites of one account take turns.
edit_crontab() { # filter of its lines
    turn=$(dirname "$state")/crontab.turn
    for tick in 1 2 3 4 5 6 7 8 9 10; do
        : "$tick"
        mkdir -- "$turn" 2>/dev/null && break
        # Left behind by a process that was ended meanwhile.
        find "$turn" -prune -mmin +1 -exec rmdir {} \; 2>/dev/null
        sleep 0.2 2>/dev/null || sleep 1
    done
    if crontab -l >"$run_dir/crontab.old" 2>"$run_dir/crontab.err" ||
        { grep -qi 'no crontab for' "$run_dir/crontab.err" && : >"$run_dir/crontab.old"; }; then
        "$@" <"$run_dir/crontab.old" >"$run_dir/crontab.new"
        cmp -s "$run_dir/crontab.old" "$run_dir/crontab.new" || crontab - <"$run_dir/crontab.new" 2>"$run_dir/crontab.err"
        edited=$?
    else
        edited=1
    fi
    rmdir -- "$turn" 2>/dev/null
    rm -f -- "$run_dir/crontab.old" "$run_dir/crontab.new"
    return "$edited"
}

without_line() {
    grep -vF -- "# wpstate $run" || true
}

with_line() {
    without_line
    cron_line
}

set_cron() {
    command -v crontab >/dev/null || return 0
    case $run_dir in *"'"* | *%*) return 0 ;; esac
    if edit_crontab with_line && crontab -l 2>/dev/null | grep -qF -- "# wpstate $run"; then
        : >"$run_dir/cron"
    fi
}

unset_cron() {
    [ -e "$run_dir/cron" ] || return 0
    if edit_crontab without_line; then rm -f -- "$run_dir/cron"; fi
}

cron() {
    if ! read_holder || [ "$held_run" != "$run" ]; then
        unset_cron
        return
    fi
    watch=$(cat "$run_dir/watchdog.pid" 2>/dev/null) || watch=
    lives "$watch" || watchdog
}
