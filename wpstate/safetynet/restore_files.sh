# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Putting files back. Whatever stands where a restored entry belongs is renamed away first, so
# nothing is written through a hard link, or through a symlink that now leads elsewhere; nothing
# is deleted. Then the archives are unpacked, and every path unpacked is hashed again.

# Writes plan.modes, plan.moves (sh) and plan.code, plan.again (paths to unpack), plan.added.
# Folders that a run swapped (another inode) go as a whole, unless data lies in them.
plan_files() { # folder for the plan, snapshot, basis, now, away
    rm -f -- "$1"/plan.*
    for plan_part in modes moves code again added changed; do : >"$1/plan.$plan_part"; done
    plan=$1/plan away=$5 awk "$same_awk"'
        function q(text) { gsub(/\047/, "\047\\\047\047", text); return "\047" text "\047" }
        function parent(path) { sub(/\/[^\/]*$/, "", path); return path }
        function gone(path) { for (path = parent(path); path != ""; path = parent(path)) if (path in moved) return 1; return 0 }
        function move(path,   place) {
            moved[path]
            place = parent(path) SUBSEP int(moves[parent(path)] / 200)
            moves[parent(path)]++
            batch[place] = batch[place] " " q(path)
        }
        BEGIN { FS = "\002"; plan = ENVIRON["plan"]; away = ENVIRON["away"] }
        part == "keep" { keep[$0]; next }
        part == "manifest" { where[$3] = $1; next }
        part == "before" { before[$7] = $0; order[++entries] = $7; next }
        {
            now[$7]
            if (!($7 in before) && $1 != "d") print $7 >(plan ".added")
            if (gone($7)) next
            if (!($7 in before)) {
                if (!($7 in keep) || $1 != "d") move($7)
                next
            }
            split(before[$7], old, "\002")
            if ($1 != old[1]) move($7)
            else if ($1 == "d") {
                if ($6 != old[6] && !($7 in keep)) move($7)
                else if ($2 != old[2]) print "chmod " substr(old[2], 2) " -- " q($7) >(plan ".modes")
            } else if (essence($0) != essence(before[$7])) move($7)
        }
        END {
            for (key in batch) {
                split(key, b, SUBSEP)
                print "mkdir -p -- " q(away b[1]) " && mv -t " q(away b[1]) " --" batch[key] " || failed=1" >(plan ".moves")
            }
            if (entries == 0) exit 1
            for (n = 1; n <= entries; n++) {
                path = order[n]
                if (!(path in now) || path in moved || gone(path)) print path >(plan "." where[path])
            }
        }' part=keep "$4.keep" part=manifest "$2/manifest" part=before "$3" part=now "$4"
}

unpack_entries() { # archive, file of paths
    [ -s "$2" ] || return 0
    sed 's/^\///' "$2" | tr '\n\001' '\000\n' >"$2.names"
    { unpack "$1" || echo broken >"$2.broken"; } | (
        umask 022
        tar -x -p --no-recursion -C / --null --no-unquote -f - -T "$2.names" 2>"$2.err"
    ) && [ ! -e "$2.broken" ]
}

run_plan() { # file of sh commands; an encoded newline becomes one again inside its quotes
    failed=0
    tr '\001' '\n' <"$1" >"$1.sh" || no_room
    # shellcheck source=/dev/null
    . "$1.sh" 2>"$1.err"
    return "$failed"
}

restore_files() { # snapshot folder; sets files_trouble
    files_trouble=
    work=$run_dir/restore
    mkdir -p -- "$work"
    basis=$(basis_of "$1")
    # A folder that nobody may enter hides what is in it: give modes back from the top down.
    for depth in 1 2 3 4 5 6 7 8; do
        list_tree "$1" "$work/now"
        plan_files "$work" "$1" "$basis" "$work/now" "$run_dir/quarantine/files.$(date +%s).$$" || {
            files_trouble="the plan for the files could not be made"
            return
        }
        [ -s "$work/plan.modes" ] || break
        run_plan "$work/plan.modes" || files_trouble="modes: $(last_words "$work/plan.modes.err")"
    done
    : "$depth"
    files_restored=$(cat "$work/plan.code" "$work/plan.again" | wc -l)
    cp -- "$work/plan.added" "$work/added"
    if [ -s "$work/plan.moves" ]; then
        run_plan "$work/plan.moves" || files_trouble="not moved away: $(last_words "$work/plan.moves.err")"
    fi
    unpack_entries "$1/code.tar" "$work/plan.code" ||
        files_trouble="unpacking: $(last_words "$work/plan.code.err")"
    unpack_entries "$1/again.tar" "$work/plan.again" ||
        files_trouble="unpacking: $(last_words "$work/plan.again.err")"
    prove_files "$1" || return
    flush_files
    # From here on these entries, proved by hash, are what a repeated restore compares with.
    if [ "$files_restored" -gt 0 ] && [ -z "$files_trouble" ]; then
        replace_file "$1/basis" <"$work/now"
    fi
}

# Each write is checked: on a full disk nothing would be unlike.
prove_files() { # snapshot folder
    cat "$work/plan.code" "$work/plan.again" | awk 'BEGIN { FS = "\002" }
        part == "manifest" { if ($2 != "-") hash[$3] = $2; next }
        $0 in hash { print hash[$0] "  " $0 }' part=manifest "$1/manifest" part=restored - >"$work/want" || no_room
    sed 's/^.\{66\}//' "$work/want" | tr '\n\001' '\000\n' |
        xargs -0 -r sha256sum -z -- 2>"$work/have.err" | tr '\000\n' '\n\001' >"$work/have" || no_room
    list_tree "$1" "$work/now"
    # Inode and ctime are new by nature; the rest must be as it was.
    awk 'BEGIN { FS = "\002" }
        function shown() { return $1 "\002" ($1 == "l" ? "" : $2) "\002" ($1 == "f" ? $3 "\002" $4 : "") "\002" $8 }
        part == "want" { want[$0]; next }
        part == "have" { delete want[$0]; next }
        part == "before" { before[$7] = shown(); next }
        part == "keep" { keep[$0]; next }
        # A new folder stays where a neighbour or data live in it.
        !($7 in before) { if (!($7 in keep)) print $7; next }
        { if (before[$7] != shown()) print $7; delete before[$7] }
        END { for (path in before) print path; for (line in want) print substr(line, 67) }' \
        part=want "$work/want" part=have "$work/have" part=before "$1/listing" part=keep "$work/now.keep" \
        part=now "$work/now" >"$work/unlike" || no_room
    if [ -s "$work/unlike" ]; then
        files_trouble="${files_trouble:+$files_trouble; }$(wc -l <"$work/unlike") paths differ, such as $(head -n 3 "$work/unlike" | tr '\n' ' ')"
        return 1
    fi
    files_trouble=
}
