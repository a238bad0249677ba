# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Restore: the snapshot is verified whole before the first write, then files, then tables.

verify_snapshot() { # folder, with or without database
    require_snapshot "$1"
    is_whole "$1" ||
        fail snapshot.damaged "the snapshot's files are not the ones that were written; $(offer_older "$1")"
}

is_whole() { # folder
    [ -s "$1/COMPLETE" ] && (cd "$1" && sha256sum --quiet -c COMPLETE) >/dev/null 2>&1
}

offer_older() { # folder of a damaged snapshot
    damaged_epoch=$(cat "${1%/snapshot}/epoch" 2>/dev/null) || damaged_epoch=0
    offered=$(list_snapshots | sed 's/^snapshot=//' | sort -rn | while read -r older_epoch _ older; do
        [ "$older_epoch" -lt "$damaged_epoch" ] && is_whole "$state/runs/$older/snapshot" && echo "$older" && break
    done)
    if [ -n "$offered" ]; then
        echo "the next older one that is whole is that of run $offered"
    else
        echo "no older one is whole"
    fi
}

verify_kept() { # folder: tables copied inside the server
    [ -s "$1/kept" ] || return 0
    awk 'BEGIN { FS = "\t" } { print "CHECKSUM TABLE `" $2 "`;" }' "$1/kept" |
        sql >"$run_dir/kept.rows" 2>"$run_dir/kept.err" ||
        fail database.unreachable "$(last_words "$run_dir/kept.err")"
    cut -f 2 "$run_dir/kept.rows" >"$run_dir/kept.sums" || no_room
    cut -f 3 "$1/kept" | cmp -s - "$run_dir/kept.sums" ||
        fail snapshot.damaged "a table copied inside the server is not as it was"
}

name_snapshot() { # run
    case $1 in '' | *[!A-Za-z0-9_.-]* | .*) fail net.usage "not a run id" ;; esac
    from=$state/runs/$1/snapshot
}

# A ruined wp-config.php gives no credentials; the snapshot has those that were right then.
find_credentials() { # snapshot folder
    [ -s "$my_cnf" ] || cp -p -- "$1/my.cnf" "$my_cnf"
    [ -s "$run_dir/database" ] || cp -p -- "$1/database" "$run_dir/database"
    choose_client
}

# Which rule the tables go by (tiers.sh), judged anew at each attempt: a freeze that held at the
# first may have ended before the second.
tier_of() { # run, tables|whole
    if [ "$2" = whole ]; then echo whole
    elif [ "$1" != "$run" ]; then echo later
    elif nobody_else_wrote; then echo frozen
    else echo own; fi
}

# One that is away for a moment is no reason to leave a site changed and somebody called.
await_database() {
    for tick in 1 2 3 4 5 6 7 8 9 10; do
        : "$tick"
        if echo 'SELECT 1;' | sql >/dev/null 2>&1; then return 0; fi
        sleep 2
    done
}

# Ended and waited for: a renewal must not come after the thaw, nor after an attempt that failed.
keeping=
end_keeping() {
    [ -n "$keeping" ] || return 0
    kill "$keeping" 2>/dev/null
    wait "$keeping" 2>/dev/null
    keeping=
}

restore() { # run whose snapshot to restore, tables|whole for the database; code: that follows
    require_lock
    name_snapshot "$1"
    # One restore at a time: the watchdog's or the controller's.
    if ! mkdir -- "$run_dir/restoring" 2>/dev/null; then
        other=$(cat "$run_dir/restoring/pid" 2>/dev/null) || other=
        if [ -n "$other" ] && [ "$other" != "$$" ] && lives "$other"; then
            fail restore.running "a restore is under way, process $other"
        fi
    fi
    echo "$$" >"$run_dir/restoring/pid"
    # Should this process die, the watchdog goes on with it.
    rm -f -- "$run_dir/restored"
    echo "$1 $([ "$2" = code ] && echo tables || echo "$2")" | replace_file "$run_dir/restore_from"
    tier=$(tier_of "$1" "$2")
    begin rollback "$1 database=$2${tier:+ tier=$tier}"
    verify_snapshot "$from"
    if [ "$2" != code ]; then
        find_credentials "$from"
        await_database
        verify_kept "$from"
    fi
    renew_freeze
    keep_frozen &
    keeping=$!
    restore_files "$from"
    put_back_schedule "$from" ||
        files_trouble="${files_trouble:+$files_trouble; }the account's crontab could not be put back"
    tables_trouble=
    tables_restored=
    if [ "$2" != code ]; then restore_database "$from" "$tier"; fi
    end_keeping
    sweep_placed
    rm -rf -- "$run_dir/restoring"
    if [ -n "$files_trouble$tables_trouble" ]; then
        fail rollback.failed "${files_trouble:+files: $files_trouble }${tables_trouble:+tables: $tables_trouble}"
    fi
    # Whoever goes on after the code alone has the tables still to put back.
    [ "$2" = code ] || mark "$run_dir/restored"
    finish
    say files "$files_restored"
    printf '%s\n' "$tables_restored" | sed -n '/./s/^/table=/p'
    if [ "$2" != code ]; then
        sed 's/^/left=/' "$run_dir/left"
        sed 's/^/carried=/' "$run_dir/carried"
    fi
    head -n 1000 "$run_dir/restore/added" | sed 's/^/moved=/'
}

list_snapshots() {
    for complete in "$state"/runs/*/snapshot/COMPLETE; do
        [ -e "$complete" ] || continue
        listed=${complete%/snapshot/COMPLETE}
        say snapshot "$(cat "$listed/epoch" 2>/dev/null || echo 0) $(stat -c %Y -- "$complete") ${listed##*/}"
    done
}
