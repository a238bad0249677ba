# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Small files of one line. To read one starts no program: the watchdog reads some each second, and
# each verb several.

first_line() { # file; sets first_line, empty where there is none
    first_line=
    { IFS= read -r first_line <"$1"; } 2>/dev/null || :
}
