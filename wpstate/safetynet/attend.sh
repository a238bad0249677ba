# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Long work goes on without its connection: the verb runs on its own with its answer in a file, and
# whoever asks again under the same id is told that answer. Whoever writes its number down first does
# the work, so asking twice never does it twice; where who asked died too early, the next one begins it.

attend() { # id verb arguments
    case $1 in '' | *[!0-9a-f]*) fail net.usage "not an id" ;; esac
    answer=$run_dir/answer.$1
    [ "$2" != restore ] || use_room
    mkdir -p -- "$answer" 2>/dev/null || no_room
    while [ ! -e "$answer/done" ]; do
        worker=$(readlink -- "$answer/worker") || worker=
        if [ -z "$worker" ]; then
            begin_work "$@"
        elif ! lives "$worker" && [ ! -e "$answer/done" ]; then
            fail net.died "$2 ended on the host without an answer: $(last_words "$answer/log")"
        fi
        [ -e "$answer/done" ] || sleep 0.2 2>/dev/null || sleep 1
    done
    tail -n 1 "$answer/done" | grep -q '^end=' || no_room
    exec cat "$answer/done"
}

begin_work() { # id verb arguments
    starter=
    command -v setsid >/dev/null && starter=setsid
    # A child of ours: its end wakes us at once.
    $starter nohup sh "$run_dir/net.sh" answering "$@" </dev/null >/dev/null 2>>"$answer/log" &
    wait "$!"
    ended=$?
    [ ! -h "$answer/worker" ] || return 0
    [ "$ended" -le 128 ] || fail net.died "$2 was ended by a signal before it began"
    [ "$ended" -eq 0 ] || no_room
}

answering() { # id verb arguments
    answer=$run_dir/answer.$1
    shift
    # There at once and whole, or not at all.
    ln -s -- "$$" "$answer/worker" 2>/dev/null || {
        [ -h "$answer/worker" ]
        exit
    }
    exec >"$answer/out"
    trap 'mv -- "$answer/out" "$answer/done"' EXIT
    run_verb "$@"
    say end ok
    exit 0
}
