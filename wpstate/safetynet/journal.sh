# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The journal: one line before and one after each step, on disk before the step goes on.

phase=
journal() { # begin|end|fail text
    own_epoch
    noted=${2:-}
    case $noted in *[!\ -~]*) noted=$(printf '%s' "$noted" | tr '\n\r' '  ') ;; esac
    [ "${#noted}" -le 400 ] || noted=$(printf '%s' "$noted" | cut -c 1-400)
    printf '%s %s %s %s %s %s\n' "$own_epoch" "$(date +%s)" "$run" "$phase" "$1" "$noted" \
        >>"$state/journal"
    durable "$state/journal"
}

begin() { # phase text
    phase=$1
    journal begin "${2:-}"
}

finish() { # text
    journal end "${1:-}"
    phase=
}
