# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# One folder or file of the code that a backup held: brought beside the site, and put in its place
# under the freeze. What stood there is kept in the run's quarantine folder; until the run is
# confirmed, its own snapshot goes back as after any change.

require_code_path() { # path below the WordPress folder; sets target
    case $1/ in /* | ../* | */../* | ./* | */./* | *//*) fail restore.path "not a path below the WordPress folder" ;; esac
    case /$1 in */.wpstate-* | /.maintenance | /wpstate-*.php) fail restore.path "$1 is the safety net's own" ;; esac
    target=$wp/$1
    while IFS= read -r folder; do
        case $target/ in "$folder"/*) fail restore.path "$1 lies in $folder, which no snapshot holds" ;; esac
        case $folder/ in "$target"/*) fail restore.path "$1 holds $folder, which no snapshot holds" ;; esac
    done <"$run_dir/data"
    case $state/ in "$target"/*) fail restore.path "$1 holds the state folder" ;; esac
    case $target/ in "$state"/*) fail restore.path "$1 lies in the state folder" ;; esac
    # Another install below this one is in no snapshot (listing.sh).
    case $target/ in "$content"/*) return 0 ;; esac
    other=$(find "$target" -path '*/wp-includes/version.php' ! -path "$wp/wp-includes/version.php" -print -quit 2>/dev/null) || :
    above=${target%/*}
    while [ "$above" != "$wp" ] && [ -n "$above" ]; do
        [ ! -e "$above/wp-includes/version.php" ] || other=$above
        above=${above%/*}
    done
    [ -z "$other" ] || fail restore.path "$1 belongs to another site: $other"
}

bring() { # path, sha256 of the tar that comes by stdin and holds it as `it`
    require_lock
    require_code_path "$1"
    begin stage "bring $1"
    rm -rf -- "$run_dir/brought"
    mkdir -- "$run_dir/brought" || no_room
    cat >"$run_dir/brought/tar" || no_room
    [ "$(sha256sum <"$run_dir/brought/tar" | cut -c -64)" = "$2" ] || fail net.disk "what was brought did not come whole"
    (umask 022 && cd "$run_dir/brought" && tar -x -p --no-same-owner -f tar it) 2>"$run_dir/brought.err" ||
        fail net.disk "$(last_words "$run_dir/brought.err")"
    rm -f -- "$run_dir/brought/tar"
    finish
}

put_in() { # path
    require_lock
    require_snapshot "$snapshot"
    require_code_path "$1"
    begin apply "restore $1"
    if [ -e "$run_dir/brought/it" ] || [ -L "$run_dir/brought/it" ]; then
        parent=${target%/*}
        mkdir -p -- "$parent" || no_room
        # Nothing is written through a link that leads elsewhere.
        [ "$(cd "$parent" && pwd -P)" = "$parent" ] || fail restore.path "$1 is reached through a link"
        if [ -e "$target" ] || [ -L "$target" ]; then
            mkdir -p -- "$run_dir/quarantine" &&
                mv -T -- "$target" "$run_dir/quarantine/before_restore.$(date +%s).$$" ||
                fail net.disk "$1 could not be moved away"
        fi
        mv -T -- "$run_dir/brought/it" "$target" || fail net.disk "$1 could not be put in its place"
    fi
    [ -e "$target" ] || [ -L "$target" ] || fail net.disk "$1 is not in its place"
    flush_files
    finish
}
