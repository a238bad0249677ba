# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# What a run empties beside OPcache. The controller says it once, in words: folders below the
# content folder, which this shell empties; functions and actions, which the site's own PHP calls
# (beacon.php); and caches in front of the site, which only the controller can ask.

note_caches() { # folder:PATH function:NAME action:NAME far:NAME …
    : >"$run_dir/caches.new"
    for word in "$@"; do
        case ${word#*:} in '' | *[!A-Za-z0-9_./-]*) fail net.usage "not a cache's word" ;; esac
        case $word in
            folder:*) is_below "${word#folder:}" || fail net.usage "not a cache's folder" ;;
            function:* | action:* | far:*)
                case ${word#*:} in *[!A-Za-z0-9_-]*) fail net.usage "not a cache's word" ;; esac
                ;;
            *) fail net.usage "not a cache's word" ;;
        esac
        printf '%s\n' "$word" >>"$run_dir/caches.new"
    done
    mv -f -- "$run_dir/caches.new" "$run_dir/caches" || no_room
}

caches_of() { # folder|function|action|far: the words of one sort, without it
    sed -n "s/^$1://p" "$run_dir/caches" 2>/dev/null
}

# As a part of JSON in the last line of a beacon.
purge_facts() {
    purges=$(sed -n 's/^\(function\|action\):\([A-Za-z0-9_]*\)$/"\1:\2"/p' "$run_dir/caches" 2>/dev/null | tr '\n' ',')
    [ -z "$purges" ] || printf ',"purge":[%s]' "${purges%,}"
}

is_below() { # a plain relative path, of which no part leads up
    case /$1/ in *//* | */./* | */../*) return 1 ;; esac
}

physical() { # folder, which may be empty or gone
    [ -z "$1" ] || (cd -- "$1" 2>/dev/null && pwd -P)
}

# Code, and what editors uploaded, is no cache, whatever the fleet or a constant of the site says.
may_be_emptied() { # physical path
    for kept in "$content_now" "$content_now/themes" "$content_now/mu-plugins" "$content_now/languages" \
        "$content_now/uploads" "$content_now/plugins" "$(physical "$plugins")" "$(physical "$uploads")" \
        "$wp" "$wp/wp-admin" "$wp/wp-includes" "$state"; do
        case ${kept:-/}/ in "$1"/*) return 1 ;; esac
    done
    plugins_now=$(physical "$plugins") uploads_now=$(physical "$uploads")
    case $1/ in "${uploads_now:-$content_now/uploads}"/*) return 1 ;; esac
    for code in themes mu-plugins languages plugins uploads; do
        case $1/ in "$content_now/$code"/* | "${plugins_now:-$content_now/plugins}"/*) return 1 ;; esac
    done
    case $1/ in "$content_now"/?*) ;; *) return 1 ;; esac
}

# One step at a time, through no link: then deleting begins from where we stand, wherever somebody
# moves that meanwhile.
enter_cache() { # path below the content folder
    content_now=$(cd "$(cat "$run_dir/content")" && pwd -P) && cd -- "$content_now" || return 1
    rest=$1
    while [ -n "$rest" ]; do
        part=${rest%%/*}
        case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
        [ ! -L "./$part" ] && cd -P -- "./$part" 2>/dev/null || return 1
    done
    [ "$(pwd -P)" = "$content_now/$1" ] && may_be_emptied "$content_now/$1"
}

# Rules for the web server at its top stay, and so do folders in use. Links are moved or deleted, not
# followed. Visitors wait for one rename and not for as many deletions as there are pages: what is
# moved away goes with the end of the run.
empty_folder() { # path below the content folder; 0 where nothing is left in it
    (
        enter_cache "$1" || exit 1
        away=$run_dir/emptied
        if mkdir -p -- "$away" && [ "$(stat -c %d .)" = "$(stat -c %d "$away")" ]; then
            away=$(mktemp -d "$away/XXXXXX") &&
                find . -mindepth 1 -maxdepth 1 ! -name .htaccess -exec mv -t "$away" -- {} +
        fi
        find . -xdev -mindepth 1 ! -name .htaccess ! -type d -delete
        find . -xdev -mindepth 1 -depth -type d -empty -delete
        [ -z "$(find . -xdev -mindepth 1 ! -name .htaccess ! -type d -print 2>/dev/null | head -n 1)" ]
    ) 2>>"$run_dir/caches.err"
}

# Says which folders still hold something. What is not there is empty.
empty_caches() {
    : >"$run_dir/caches.err"
    caches_of folder >"$run_dir/caches.folders"
    while IFS= read -r folder; do
        place=$(cat "$run_dir/content")/$folder
        { [ ! -e "$place" ] && [ ! -L "$place" ]; } || empty_folder "$folder" || say left "$folder"
    done <"$run_dir/caches.folders"
}

# At the end of a run, when nobody waits for it; what takes too long goes with the next one's end.
drop_emptied() {
    timeout 10 rm -rf -- "$state"/runs/*/emptied || :
}
