# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Where things lie on the host. The run's own folder holds this program and net.conf, whose
# values the adapter wrote as quoted assignments: run, controller, php, wp_path, url, url_host,
# config, content, plugins, uploads (each may be empty), prefix, client,
# machine and process of the controller, attended (yes where a person is there).

case $0 in */*) run_dir=${0%/*}/ ;; *) run_dir=. ;; esac
run_dir=$(cd "$run_dir" && pwd -P) || exit 70
state=${run_dir%/runs/*}
snapshot=$run_dir/snapshot
my_cnf=$run_dir/my.cnf

run='' controller='' php='' wp_path='' url_host='' config='' content='' plugins='' uploads=''
prefix='' client='' url='' machine='' process='' attended=''
# shellcheck source=/dev/null
. "$run_dir/net.conf"

first_line "$state/site"
wp=$first_line
maintenance=$wp/.maintenance

write_places() { # what the tree of this site consists of, kept with the run
    wp=$(cd "$wp_path" && pwd -P) || fail net.wp_path "cannot enter $wp_path"
    case $wp in *"
"*) fail net.wp_path "its path holds a line's end" ;; esac
    maintenance=$wp/.maintenance
    [ -n "$content" ] || content=$wp/wp-content
    [ -n "$plugins" ] || plugins=$content/plugins
    [ -n "$uploads" ] || uploads=$content/uploads
    [ -n "$config" ] || config=$wp/wp-config.php
    require_private "${site_state:-$state}"
    printf '%s\n' "$wp" >"$state/site" || fail net.disk "cannot write into $state"
    # Folders of data: only what a web server would execute is code there.
    printf '%s\n' "$uploads" >"$run_dir/data"
    for folder in cache upgrade upgrade-temp-backup updraft ai1wm-backups backups wflogs \
        litespeed et-cache blogs.dir; do
        printf '%s\n' "$content/$folder"
    done >>"$run_dir/data"
    printf '%s\n' "$wp" >"$run_dir/roots"
    for place in "$content" "$plugins" "$config"; do
        case $place in
            "$wp"/*) ;;
            "$content"/?*) ;;
            *) printf '%s\n' "$place" >>"$run_dir/roots" ;;
        esac
    done
    printf '%s\n' "$content" >"$run_dir/content"
    printf '%s\n' "$prefix" >"$run_dir/prefix"
}

# Inside the web root only where the web server was asked just now, and gives nothing of it away
# (hide.sh).
require_private() { # state folder
    case $(cd "$1" && pwd -P)/ in "$wp"/* | "$content"/*) ;; *) return 0 ;; esac
    is_hidden "$1" && [ -n "$(find "$1/private" -prune -mmin -10 2>/dev/null)" ] ||
        fail net.state_public "$1 lies inside the web root"
}

durable() { # files: on disk before this returns
    sync -- "$@" 2>/dev/null || sync
}

mark() { # file: there, and still there after the power is lost
    : >"$1" && durable "$1" "${1%/*}"
}

# The site's files, with all that was swapped into its folders. What is said of them must not
# outlive them: a folder renamed by a moment that lost its power may hold empty files.
flush_files() {
    while IFS= read -r root; do
        [ ! -e "$root" ] || sync -f -- "$root" 2>/dev/null || { sync && return; } || fail net.disk "the site's files cannot be written to the disk"
    done <"$run_dir/roots"
}

replace_file() { # target; content from stdin; whole or not at all
    cat >"$1.new" && durable "$1.new" && mv -f -- "$1.new" "$1"
}

# Each whole or not at all, and on the disk before the first of them is in place.
replace_lines() { # target, its one line, the next target, its line …
    words_n=$#
    replaced=
    for word in "$@"; do
        if [ -z "$replaced" ]; then
            replaced=$word
            continue
        fi
        printf '%s\n' "$word" >"$replaced.new" && [ -s "$replaced.new" ] || return 1
        set -- "$@" "$replaced.new"
        replaced=
    done
    shift "$words_n"
    durable "$@" || return 1
    for replaced in "$@"; do mv -f -- "$replaced" "${replaced%.new}" || return 1; done
}

require_tools() {
    find --version 2>/dev/null | grep -q GNU || fail net.tools "find is not GNU find"
    tar --version 2>/dev/null | grep -q GNU || fail net.tools "tar is not GNU tar"
    printf '' | sha256sum -z >/dev/null 2>&1 || fail net.tools "sha256sum lacks -z"
    printf '' | xargs -0 -r true 2>/dev/null || fail net.tools "xargs lacks -0 -r"
    command -v awk >/dev/null || fail net.tools "awk is missing"
}

pack() {
    if command -v zstd >/dev/null; then zstd -1 -q -c; else gzip -1 -c; fi
}

unpack() { # file; which packer made it shows in its first bytes
    case $(od -An -N2 -tx1 <"$1" | tr -d ' ') in
        1f8b) gzip -dc <"$1" ;;
        *) zstd -dc -q <"$1" ;;
    esac
}
