# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Drain: what was begun before the freeze still writes. A request holds a database connection from
# its first moments to its end; a command is a process of PHP; background work of WordPress and of
# Action Scheduler is claimed in the database. What was there shortly after the freeze must be gone.
# What came later is kept out by .maintenance, or belongs to a neighbour that shares the user.

connections_sql="SELECT 'connection', ID, COMMAND, CONCAT('for ', TIME, ' s')
    FROM information_schema.PROCESSLIST
    WHERE DB = DATABASE() AND ID <> CONNECTION_ID()
    AND USER = SUBSTRING_INDEX(USER(), '@', 1);"

# Locks of core's cron (WP_CRON_LOCK_TIMEOUT, 60 s) and updaters (WP_Upgrader::create_lock, 15 and
# 60 minutes; WordPress 7.1), claims of Action Scheduler (its queue cleaner's 300 s; 3.9). Older
# ones were left behind by a process that died, and count for nothing there either.
claims_sql() { # the tables that there are
    claim_prefix=$(cat "$run_dir/prefix")
    case $claim_prefix in *[!A-Za-z0-9_]*) return 0 ;; esac
    now_s=$(date +%s)
    if printf '%s\n' "$1" | grep -qxF "${claim_prefix}options"; then
        echo "SELECT 'claim', option_value, option_name, 'of WordPress' FROM ${claim_prefix}options
            WHERE (option_name = '_transient_doing_cron' AND option_value + 0 > $now_s - 60)
            OR (option_name = 'core_updater.lock' AND option_value + 0 > $now_s - 900)
            OR (option_name = 'auto_updater.lock' AND option_value + 0 > $now_s - 3600);"
    fi
    if printf '%s\n' "$1" | grep -qxF "${claim_prefix}actionscheduler_claims"; then
        echo "SELECT 'claim', claim_id, 'Action Scheduler', date_created_gmt
            FROM ${claim_prefix}actionscheduler_claims
            WHERE date_created_gmt > UTC_TIMESTAMP() - INTERVAL 300 SECOND;"
    fi
}

# PHP of the command line that works on this site: its folder, or a word that names a place there.
processes() {
    grep -lsE '^(ea-)?php[0-9.]*(-cli)?$' /proc/[0-9]*/comm | while IFS=/ read -r _ _ process _; do
        works_here "/proc/$process" || continue
        printf 'process\t%s\t%s\ton the command line\n' "$process" "$(cat "/proc/$process/comm" 2>/dev/null)"
    done
}

works_here() { # a process's folder in /proc
    cwd=$(readlink "$1/cwd" 2>/dev/null) || cwd=
    case $cwd/ in "$wp"/*) return 0 ;; esac
    tr '\000' '\n' <"$1/cmdline" 2>/dev/null | (
        while IFS= read -r word; do
            word=${word#--path=}
            case $word in '' | -*) continue ;; /*) ;; *) word=$cwd/$word ;; esac
            [ -e "$word" ] || continue
            case $(readlink -f -- "$word" 2>/dev/null)/ in "$wp"/*) exit 0 ;; esac
        done
        exit 1
    )
}

at_work() { # lines of: sort, what tells it from others, name, more
    { echo "$connections_sql" && claims_sql "$drain_tables"; } | sql 2>"$run_dir/drain.err" || return 1
    processes
}

# A request let in just before the freeze may not have its connection yet: it has 0.3 s for that, of
# which the freeze's own proof has used some. A clock that was set back makes it no longer.
let_connect() {
    rest_s=$(now=$(date +%s.%N) closed_at=$(cat "$run_dir/closed_at") awk '
        BEGIN {
            rest = 0.3 - (ENVIRON["now"] - ENVIRON["closed_at"])
            if (rest > 0) printf "%.3f", rest < 0.3 ? rest : 0.3
        }')
    [ -z "$rest_s" ] || sleep "$rest_s" 2>/dev/null || sleep 1
}

drain() { # limit in seconds
    require_lock
    choose_client
    begin drain "$1 s"
    # After a thaw there is no freeze to hold.
    expected=
    [ -e "$run_dir/thawed" ] || expected=yes
    let_connect
    drain_tables=$(echo 'SHOW TABLES;' | sql 2>"$run_dir/drain.err") &&
        at_work >"$run_dir/drain.first" || fail database.unreachable "$(last_words "$run_dir/drain.err")"
    cp -- "$run_dir/drain.first" "$run_dir/drain.left"
    give_up_s=$(($(date +%s) + $1))
    while [ -s "$run_dir/drain.left" ] && [ "$(date +%s)" -lt "$give_up_s" ]; do
        sleep 0.1 2>/dev/null || sleep 1
        at_work >"$run_dir/drain.now" || fail database.unreachable "$(last_words "$run_dir/drain.err")"
        awk 'BEGIN { FS = "\t" } part == "first" { first[$1, $2]; next } ($1, $2) in first' \
            part=first "$run_dir/drain.first" part=now "$run_dir/drain.now" >"$run_dir/drain.left"
    done
    # WordPress's own updates delete the file when they are done.
    [ -z "$expected" ] || require_freeze
    finish "$(wc -l <"$run_dir/drain.left") left"
    if [ -s "$run_dir/drain.left" ]; then say quiet no; else say quiet yes; fi
    awk 'BEGIN { FS = "\t" } NR <= 20 { print "left=" $1 " " $2 ": " $3 ", " $4 }' "$run_dir/drain.left"
}
