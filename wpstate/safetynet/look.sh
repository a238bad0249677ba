# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Looks at who holds a site, without touching it and without its lock: `sh -s -- WP_PATH`.
# `drop NONCE` lets go of a lock whose run has lost its folder, with all that could be put back.

wp=$(cd "$1" 2>/dev/null && pwd -P) || fail net.wp_path "cannot enter $1"
find_state "$wp"
if read_holder; then
    if [ "${2:-}" = drop ] && [ "$held_nonce" = "$3" ] && [ ! -e "$state/runs/$held_run" ]; then
        tail -n 1 "$wp/.maintenance" 2>/dev/null | grep '^# wpstate {' |
            grep -qF "\"run\":\"$held_run\"" && rm -f -- "$wp/.maintenance"
        mv -T -- "$state/lock" "$state/lock.dropped" && rm -rf -- "$state/lock.dropped"
    fi
    say run "$held_run"
    say nonce "$held_nonce"
    say controller "$held_by"
    say machine "$held_machine"
    say process "$held_process"
    say since "$held_since"
    say heartbeat "$(heartbeat_age "$held_run")"
    # Where a restore fails the watchdog only waits for its next attempt, and is in nobody's way.
    if [ -e "$state/runs/$held_run/held" ]; then say living 0; else say living "$(living "$held_run" | wc -l)"; fi
    say state "$state"
    if [ -e "$state/runs/$held_run" ]; then say program yes; else say program no; fi
fi
say end ok
