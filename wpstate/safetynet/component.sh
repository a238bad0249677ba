# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# One plugin, theme or file back to how it was before a run: its files, and of the tables that a
# plugin's PHP names those that lose no row (tiers.sh). Everything else stays. Should this run die, its
# own snapshot goes back.

# The newest run with a snapshot that changed this address, and was confirmed.
last_change() { # address
    list_snapshots | sed 's/^snapshot=//' | sort -rn | while read -r _ _ changed_by; do
        summary=$state/runs/$changed_by/summary.json
        if grep -qF -- "\"address\": \"$1\"" "$summary" 2>/dev/null && grep -qF '"outcome": "applied"' "$summary"; then
            say run "$changed_by"
            break
        fi
    done
}

holds() { # run whose snapshot, folder or file
    name_snapshot "$1"
    path=$2 awk 'BEGIN { FS = "\002" } $7 == ENVIRON["path"] { found = 1; exit } END { exit !found }' \
        "$from/listing" 2>/dev/null && say holds yes || say holds no
}

# The part of a snapshot below one folder or file, in the shape of a whole one.
part_of() { # snapshot folder, path, target
    rm -rf -- "$3"
    mkdir -p -- "$3" || no_room
    printf '%s\n' "$2" >"$3/roots"
    cp -- "$1/data" "$1/content" "$1/prefix" "$3/"
    for name in listing manifest; do
        path=$2 awk 'BEGIN { FS = "\002"; path = ENVIRON["path"] }
            { at = FILENAME ~ /manifest$/ ? $3 : $7 }
            at == path || index(at, path "/") == 1' "$1/$name" >"$3/$name" || no_room
    done
    ln -s "$1/code.tar" "$3/code.tar"
    [ ! -e "$1/again.tar" ] || ln -s "$1/again.tar" "$3/again.tar"
    [ -s "$3/listing" ] || fail rollback.no_component "the snapshot does not hold $2"
}

restore_part() { # run whose snapshot, folder or file, plugin whose tables go back or nothing
    require_lock
    require_snapshot "$snapshot"
    name_snapshot "$1"
    case $2/ in */../* | */./* | *//*) fail net.usage "not a path" ;; esac
    case $2 in "$wp"/?* | "$content"/?* | "$plugins"/?*) ;; *) fail net.usage "not a path of this site" ;; esac
    case $3 in */* | .*) fail net.usage "not a plugin" ;; esac
    begin rollback "$1 $2"
    verify_snapshot "$from"
    find_credentials "$from"
    work=$run_dir/restore
    mkdir -p -- "$work"
    if [ -n "$3" ]; then
        # Not by a pipe: without their names its tables would stay, and nobody be told.
        (name_tables "$3") >"$work/named" || { cat "$work/named"; exit 1; }
        sed -n 's/^named=//p' "$work/named" >"$work/of_component" || no_room
    fi
    part_of "$from" "$2" "$run_dir/part"
    renew_freeze
    keep_frozen &
    keeping=$!
    restore_files "$run_dir/part"
    tables_trouble=
    tables_restored=
    : >"$run_dir/left"
    : >"$run_dir/carried"
    if [ -n "$3" ]; then restore_database "$from" component; fi
    end_keeping
    sweep_placed
    if [ -n "$files_trouble$tables_trouble" ]; then
        fail rollback.failed "${files_trouble:+files: $files_trouble }${tables_trouble:+tables: $tables_trouble}"
    fi
    finish
    say files "$files_restored"
    printf '%s\n' "$tables_restored" | sed -n '/./s/^/table=/p'
    sed 's/^/left=/' "$run_dir/left"
    sed 's/^/carried=/' "$run_dir/carried"
}
