# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# A line in the account's crontab while a run is under way: where the watchdog was ended, by a
# reboot above all, it is at work again within a minute. And the site's own line, which starts its
# events (`cron: {wp_cron: off}`, roles/cron): it belongs to the snapshot as wp-config.php does.

cron_line() {
    printf "* * * * * sh '%s/net.sh' cron >/dev/null 2>&1 # wpstate %s\n" "$run_dir" "$run"
}

# The account's own lines are other people's. Two sites of one account take turns, and whoever gets
# none leaves the crontab alone: it would lose the other's edit.
edit_crontab() { # change_crontab with|without our line, or restore_schedule FILE
    turn=${state%/*}/crontab.turn
    ! is_hidden "$state" || turn=${state%/*}/.wpstate-turn
    for tick in 1 2 3 4 5 6 7 8 9 10; do
        if mkdir -- "$turn" 2>/dev/null; then
            "$@"
            edited=$?
            rmdir -- "$turn" 2>/dev/null
            return "$edited"
        fi
        : "$tick"
        # Left behind by a process that was ended meanwhile.
        find "$turn" -prune -mmin +1 -exec rmdir {} \; 2>/dev/null
        sleep 0.2 2>/dev/null || sleep 1
    done
    return 1
}

# Held in variables: on a full disk a file would be cut, and what it lacks would be lost. Nothing
# is written unless the lines could be read whole and the new ones differ by ours alone.
change_crontab() { # with|without our line
    our_line=$(cron_line)
    take_apart -xF "$our_line" || return 1
    case $1.$ours_n in
        with.0) lines=$lines$our_line$newline ;;
        without.[1-9]*) lines=$others ;;
        *) return 0 ;;
    esac
    printf '%s' "$lines" | crontab - 2>/dev/null
}

# The site's own line as it was; any other of its own goes.
restore_schedule() { # file with that line, or empty
    take_apart -F "$(schedule_mark)" || return 1
    now=$(printf '%s' "$lines" | grep -F -e "$(schedule_mark)")
    then=$(cat "$1") || return 1
    [ "$now" != "$then" ] || return 0
    printf '%s%s' "$others" "${then:+$then$newline}" | crontab - 2>/dev/null
}

schedule_mark() {
    printf '# wpstate cron %s' "$(basename "$state")"
}

keep_schedule() { # snapshot folder
    command -v crontab >/dev/null && read_crontab || return 0
    printf '%s' "$lines" | grep -F -e "$(schedule_mark)" >"$1/schedule" || [ ! -s "$1/schedule" ]
}

put_back_schedule() { # snapshot folder
    [ -e "$1/schedule" ] || return 0
    # Where none is due and nobody can read the lines, nobody could have added one.
    [ -s "$1/schedule" ] || read_crontab || return 0
    edit_crontab restore_schedule "$1/schedule"
}

read_crontab() { # sets lines
    if lines=$(crontab -l 2>/dev/null && echo .); then lines=${lines%.}; else
        ! said=$(crontab -l 2>&1) || return 1
        case $said in *[Nn]'o crontab for'*) lines= ;; *) return 1 ;; esac
    fi
    case $lines in '' | *"$newline") ;; *) lines=$lines$newline ;; esac
}

# Sets lines, others and ours_n; fails unless every line is one or the other.
take_apart() { # how grep finds ours, what ours is
    read_crontab || return 1
    # The exit code as a last line, which also keeps the empty ones before it. 1: there are no others.
    others=$(printf '%s' "$lines" | grep -v "$1" -e "$2"; echo "$?")
    filtered=${others##*"$newline"}
    others=${others%"$filtered"}
    [ "$filtered" -le 1 ] || return 1
    ours_n=$(printf '%s' "$lines" | grep -c "$1" -e "$2")
    [ "$(count_lines "$lines")" = "$(($(count_lines "$others") + ours_n))" ]
}

newline='
'

count_lines() { # text
    printf '%s' "$1" | awk 'END { print NR }'
}

set_cron() {
    command -v crontab >/dev/null || return 0
    case $run_dir in *"'"* | *%*) return 0 ;; esac
    if edit_crontab change_crontab with && crontab -l 2>/dev/null | grep -qxF -e "$(cron_line)"; then
        : >"$run_dir/cron"
    fi
}

# Also where nothing says that the line was set: whoever set it may have been ended in between.
unset_cron() {
    command -v crontab >/dev/null || return 0
    if edit_crontab change_crontab without; then rm -f -- "$run_dir/cron"; fi
}

cron() {
    if ! read_holder || [ "$held_run" != "$run" ]; then
        unset_cron
        return
    fi
    watch=$(cat "$run_dir/watchdog.pid" 2>/dev/null) || watch=
    lives "$watch" || watchdog
}
