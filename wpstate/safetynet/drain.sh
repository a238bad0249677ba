# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Drain: requests begun before the freeze still write. Each holds a database connection from its
# first moments to its end; the ones that were there shortly after the freeze must be gone. Later
# ones belong to frozen requests, or to a neighbour that shares the database user.

connections() {
    echo "SELECT ID, COMMAND, TIME FROM information_schema.PROCESSLIST
        WHERE DB = DATABASE() AND ID <> CONNECTION_ID()
        AND USER = SUBSTRING_INDEX(USER(), '@', 1) ORDER BY ID;" | sql 2>"$run_dir/drain.err"
}

# A request let in just before the freeze may not have its connection yet.
let_connect() {
    now=$(date +%s.%N) closed_at=$(cat "$run_dir/closed_at") awk '
        BEGIN { exit ENVIRON["now"] - ENVIRON["closed_at"] < 0.3 }' || sleep 0.3 2>/dev/null || sleep 1
}

drain() { # limit in seconds
    require_lock
    choose_client
    begin drain "$1 s"
    let_connect
    connections >"$run_dir/drain.first" || fail database.unreachable "$(last_words "$run_dir/drain.err")"
    cp -- "$run_dir/drain.first" "$run_dir/drain.left"
    give_up_s=$(($(date +%s) + $1))
    while [ -s "$run_dir/drain.left" ] && [ "$(date +%s)" -lt "$give_up_s" ]; do
        sleep 0.1 2>/dev/null || sleep 1
        connections >"$run_dir/drain.now" || fail database.unreachable "$(last_words "$run_dir/drain.err")"
        awk 'BEGIN { FS = "\t" } part == "first" { first[$1]; next } $1 in first' \
            part=first "$run_dir/drain.first" part=now "$run_dir/drain.now" >"$run_dir/drain.left"
    done
    finish "$(wc -l <"$run_dir/drain.left") left"
    if [ -s "$run_dir/drain.left" ]; then say quiet no; else say quiet yes; fi
    awk 'BEGIN { FS = "\t" } NR <= 20 { print "left=connection " $1 ", " $2 " for " $3 " s" }' "$run_dir/drain.left"
}
