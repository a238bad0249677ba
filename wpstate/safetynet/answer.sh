# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# How the program answers: key=value lines on stdout, closed by `end=ok` or `end=error`.
# Whoever reads them treats them as untrusted; a cut answer lacks its `end`.

set -u
umask 077
LC_ALL=C
export LC_ALL

say() { # key value
    printf '%s=%s\n' "$1" "$2"
}

# Ends the program, so it must run in the main shell, never inside $( ) or a pipe.
fail() { # slug sentence
    if [ -n "${phase:-}" ]; then
        journal fail "$1 $2"
    fi
    say error "$1"
    say text "$(printf '%s' "$2" | tr '\n\r\t' '   ' | cut -c 1-600)"
    say end error
    exit 1
}

last_words() { # file with a tool's stderr: its last lines as one
    tail -n 3 "$1" 2>/dev/null | tr '\n' ' ' | cut -c 1-300
}
