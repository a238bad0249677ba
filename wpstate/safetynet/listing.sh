# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The listing of a site's tree, and comparing two of them.
#
# One line an entry, fields parted by the byte 2: type, mode, size, mtime, ctime, inode, path,
# link target. A newline in a name is the byte 1, so that every tool can work by lines; names
# that hold one of these two bytes are refused. Code is all below the roots but what
# `code_only` leaves out.

listing_format='%y\002%#m\002%s\002%T@\002%C@\002%i\002%p\002%l\0'

own_files() { # paths that the safety net itself keeps in the tree, never listed
    printf '%s\n' "$maintenance"
    cat "$state"/runs/*/beacon 2>/dev/null || true
}

# The exit code is find's; complaints are in $2.err. A listing that a full disk cut short would look
# like a site without those files: each write is checked.
list_tree() { # folder with `roots`, `data`, `content`; target
    listing_places=$1
    listing=$2
    content=$(cat "$listing_places/content")
    set --
    while IFS= read -r root; do
        if [ -e "$root" ] || [ -L "$root" ]; then set -- "$@" "$root"; fi
    done <"$listing_places/roots"
    # What a run deleted is not there; without a place, find would list whatever is here.
    [ "$#" -gt 0 ] || set -- "$(head -n 1 "$listing_places/roots")"
    {
        find "$@" -ignore_readdir_race -name '.wpstate-*' -prune -o ! -type s \
            -printf "$listing_format" 2>"$listing.err"
        echo $? >"$listing.found"
    } | tee "$listing.raw" 2>/dev/null | tr '\000\n' '\n\001' >"$listing.all" || no_room
    found=$(cat "$listing.found") && [ -n "$found" ] || no_room
    if grep -qa "$(printf '\001')" "$listing.raw"; then
        fail snapshot.names "a file name holds the control character 1"
    fi
    own_files >"$listing.own" && [ -s "$listing.own" ] || no_room
    code_only "$listing_places/roots" "$listing_places/data" "$listing.own" "$listing.all" >"$listing" ||
        { [ $? -ne 3 ] || fail snapshot.names "a file name holds the control character 2"; no_room; }
    keepers "$listing_places/roots" "$listing_places/data" "$listing.all" >"$listing.keep" || no_room
    rm -f -- "$listing.raw" "$listing.all" "$listing.own" "$listing.found"
    return "$found"
}

# Another install below this one is a site of its own. Below wp-content it is a plugin's ballast. Whoever
# asks looks at the whole line first: to take each apart costs more than all the rest.
nested_awk='
function nested_root(path,   root) {
    if (path !~ /\/wp-includes\/version\.php$/) return ""
    root = substr(path, 1, length(path) - 24)
    if (root in roots || index(path, ENVIRON["content"] "/") == 1) return ""
    return root
}'

code_only() { # roots data own all
    content=$content awk "$nested_awk"'
    BEGIN { FS = "\002" }
    part == "roots" { roots[$0]; next }
    part == "data" { data[$0]; next }
    part == "own" { own[$0]; next }
    part == "nested" { if (/\/wp-includes\/version\.php/ && nested_root($7) != "") nested[nested_root($7)]; next }
    NF != 8 { bad = 3; exit }
    {
        if ($7 in own) next
        for (root in nested) if (index($7, root "/") == 1 || $7 == root) next
        for (folder in data) if (index($7, folder "/") == 1) {
            if ($1 == "d") next
            name = tolower($7); sub(/.*\//, "", name)
            if ($1 != "l" && name !~ /\.(php[0-9]*|phtml|pht|phps|phar|inc|cgi|pl|py|sh|shtml|asp|aspx|jsp)(\.|$)/ \
                && name !~ /^(\.ht.*|\.user\.ini|php\.ini|web\.config)$/) next
        }
        print
    }
    END { exit bad }' part=roots "$1" part=data "$2" part=own "$3" part=nested "$4" part=all "$4"
}

keepers() { # roots data all: folders that must never be moved as a whole
    content=$content awk "$nested_awk"'
    function keep(path) { while (path != "" && !(path in kept)) { kept[path]; print path; sub(/\/[^\/]*$/, "", path) } }
    BEGIN { FS = "\002" }
    part == "roots" { roots[$0]; keep($0); next }
    part == "data" { keep($0); next }
    /\/wp-includes\/version\.php/ && nested_root($7) != "" { keep(nested_root($7)) }' part=roots "$1" part=data "$2" part=all "$3"
}

# What makes two entries the same: for a folder type and mode (its times move with its
# children), for a link also the target, for the rest the whole line, inode and ctime included,
# because a write can forge mtime and size but not those.
same_awk='
function essence(line,   f) {
    split(line, f, "\002")
    if (f[1] == "d") return f[1] f[2]
    if (f[1] == "l") return f[1] f[8]
    return line
}'

compare_listings() { # before now: lines of `added|changed|removed` TAB path
    awk "$same_awk"'
    BEGIN { FS = "\002" }
    part == "before" { before[$7] = essence($0); next }
    !($7 in before) { print "added\t" $7; next }
    { if (before[$7] != essence($0)) print "changed\t" $7; delete before[$7] }
    END { for (path in before) print "removed\t" path }' part=before "$1" part=now "$2" | sort
}

tree_changes() {
    require_lock
    require_snapshot "$snapshot"
    list_tree "$snapshot" "$run_dir/tree.now"
    compare_listings "$(basis_of "$snapshot")" "$run_dir/tree.now" >"$run_dir/tree.changes" || no_room
    head -n 20000 "$run_dir/tree.changes" | sed 's/^/change=/'
}

# The listing to compare with: the snapshot's own, or the one taken after a restore was proved.
basis_of() { # snapshot folder
    if [ -e "$1/basis" ]; then echo "$1/basis"; else echo "$1/listing"; fi
}
