# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The lock that keeps other runs out, and the epoch that makes an overtaken run notice.

holder() { # key
    sed -n "s/^$1=//p" "$state/lock/info" 2>/dev/null | head -n 1
}

# A folder renamed into place: rename(2) refuses a target that is not empty, so that a lock
# never exists without its facts, which `mkdir` and then a write could leave behind.
acquire() {
    require_tools
    write_places
    mkdir -p -- "$run_dir/lock.mine" || fail net.disk "cannot write into $run_dir"
    epoch=$(($(cat "$state/epoch" 2>/dev/null || echo 0) + 1))
    now_s=$(date +%s)
    {
        say nonce "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
        say epoch "$epoch"
        say controller "$controller"
        say run "$run"
        say pid "$$"
        say since "$now_s"
    } >"$run_dir/lock.mine/info"
    if ! mv -T -- "$run_dir/lock.mine" "$state/lock" 2>/dev/null; then
        rm -rf -- "$run_dir/lock.mine"
        # What was uploaded for a run that never began goes again.
        [ "$(holder run)" = "$run" ] || rm -rf -- "$run_dir"
        phase=
        fail run.locked "run $(holder run) of $(holder controller) holds the site since $(holder since)"
    fi
    # Read again under the lock: another run may have come and gone in between.
    epoch=$(($(cat "$state/epoch" 2>/dev/null || echo 0) + 1))
    sed "s/^epoch=.*/epoch=$epoch/" "$state/lock/info" >"$state/lock/info.new" &&
        mv -f -- "$state/lock/info.new" "$state/lock/info" &&
        printf '%s\n' "$epoch" | replace_file "$state/epoch" &&
        printf '%s\n' "$epoch" | replace_file "$run_dir/epoch" || {
        rm -rf -- "$state/lock"
        fail net.disk "cannot write into $state"
    }
    begin lock "$controller"
    read_credentials
    finish
    say epoch "$epoch"
    say now "$now_s"
    say state "$state"
}

require_lock() {
    mine=$(cat "$run_dir/epoch" 2>/dev/null) || mine=
    if [ -z "$mine" ] || [ "$(holder run)" != "$run" ] || [ "$(holder epoch)" != "$mine" ]; then
        phase=
        fail run.overtaken "this run does not hold the site's lock"
    fi
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

release() {
    mine=$(cat "$run_dir/epoch" 2>/dev/null) || mine=
    if [ "$(holder run)" = "$run" ] && [ "$(holder epoch)" = "$mine" ]; then
        begin "done"
        prune
        finish
        # Renamed first: a lock half removed must not look like one without facts.
        mv -T -- "$state/lock" "$run_dir/lock.gone" && rm -rf -- "$run_dir/lock.gone"
    fi
    rm -f -- "$my_cnf"
}
