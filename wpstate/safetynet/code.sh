# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The copy of the code, taken before the freeze. Files that change meanwhile are no harm: the
# snapshot lists the tree again under the freeze and copies again what differs.

# Archives hold names relative to /, and times to the nanosecond. Hard links are stored as files
# of their own, so that one name can be restored alone.
archive() { # listing archive: packs its entries; 0 only if every part went well, 1 if files moved
    awk 'BEGIN { FS = "\002" } { print substr($7, 2) }' "$1" | tr '\n\001' '\000\n' >"$2.names"
    {
        tar -c --no-recursion --hard-dereference --format=posix \
            --pax-option=delete=atime,delete=ctime -C / --null --no-unquote -f - -T "$2.names" 2>"$2.err"
        echo $? >"$2.tar"
    } | pack >"$2" 2>>"$2.err"
    packed=$?
    read -r archived <"$2.tar" || archived=9
    if [ "$packed" -ne 0 ]; then return 3; fi
    rm -f -- "$2.names" "$2.tar"
    return "$archived"
}

hashes() { # listing target: "<sha256>  <path>" of its plain files
    awk 'BEGIN { FS = "\002" } $1 == "f" { print $7 }' "$1" >"$2.names" && hash_names "$2.names" "$2"
}

hash_names() { # file of names, a newline in one as the byte 1, which is used up; target
    : >"$2"
    if openssl_hashes; then quick_hashes "$1" "$2" || return 1; fi
    tr '\n\001' '\000\n' <"$1" | xargs -0 -r sha256sum -z -- 2>"$2.err" |
        tr '\000\n' '\n\001' >>"$2" || return 1
    rm -f -- "$1"
}

# Of sha256sum and openssl, which uses what processors have for it, the second needs a quarter of the
# time. It is asked about plain names alone, its answer counts where it is of one that was asked for,
# and all others are left to sha256sum.
quick_hashes() { # names, which become those that are left; target
    awk '!/[\001\\]/' "$1" | tr '\n' '\000' | xargs -0 -r openssl dgst -sha256 -r 2>/dev/null |
        left=$1.new awk '
            part == "names" { names[$0]; next }
            { sum = substr($0, 1, 64); name = substr($0, 67) }
            name in names && substr($0, 65, 2) == " *" && length(sum) == 64 && sum !~ /[^0-9a-f]/ {
                print sum "  " name
                delete names[name]
            }
            END { printf "" >ENVIRON["left"]; for (name in names) print name >ENVIRON["left"] }' \
            part=names "$1" part=told - >>"$2" && mv -f -- "$1.new" "$1"
}

openssl_hashes() { # of one text, as FIPS 180-4 has it
    command -v openssl >/dev/null &&
        case $(printf abc | openssl dgst -sha256 -r 2>/dev/null) in
            ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad*) ;;
            *) false ;;
        esac
}

# What cannot be written cannot be put back.
require_writable() {
    set --
    while IFS= read -r root; do set -- "$@" "$root"; done <"$run_dir/roots"
    find "$@" -name '.wpstate-*' -prune -o -type d ! -writable -print 2>/dev/null |
        data=$run_dir/data awk '
            BEGIN { while ((getline folder <ENVIRON["data"]) > 0) data[folder] }
            { for (folder in data) if ($0 == folder || index($0, folder "/") == 1) next }
            { print }' >"$run_dir/unwritable"
    if [ -s "$run_dir/unwritable" ]; then
        fail snapshot.unwritable "$(wc -l <"$run_dir/unwritable") folders, such as $(head -n 1 "$run_dir/unwritable")"
    fi
}

copy_code() {
    require_lock
    set_cron
    begin stage code
    mkdir -p -- "$snapshot" || no_room
    cp -- "$run_dir/roots" "$run_dir/data" "$run_dir/content" "$run_dir/prefix" "$snapshot/" ||
        fail net.disk "cannot write into $snapshot"
    keep_schedule "$snapshot"
    require_writable
    copied=3
    for attempt in 1 2 3; do
        date +%s.%N >"$snapshot/copied_at"
        list_tree "$snapshot" "$snapshot/listing.copy" ||
            fail snapshot.unreadable "$(last_words "$snapshot/listing.copy.err")"
        hashes "$snapshot/listing.copy" "$snapshot/code.hashes" &
        hashing=$!
        archive "$snapshot/listing.copy" "$snapshot/code.tar"
        copied=$?
        wait "$hashing"
        # 1: a file changed while it was read, which the snapshot sees. 2: one went away.
        [ "$copied" -le 1 ] && break
        [ "$copied" -eq 3 ] && break
    done
    [ "$copied" -ne 3 ] || fail net.disk "the copy of the code could not be written: $(last_words "$snapshot/code.tar.err")"
    [ "$copied" -le 1 ] ||
        fail snapshot.code "the code could not be copied (try $attempt): $(last_words "$snapshot/code.tar.err")"
    # On disk and hashed before visitors have to wait for it.
    durable "$snapshot/code.tar"
    (cd "$snapshot" && echo ./code.tar >code.tar.names && hash_names code.tar.names code.tar.sum && [ -s code.tar.sum ]) ||
        fail net.disk "$snapshot/code.tar cannot be read"
    # A restore writes some lists of the tree, its journal and its answer.
    keep_room $((8388608 + 12 * $(stat -c %s -- "$snapshot/listing.copy")))
    finish
    say files "$(wc -l <"$snapshot/code.hashes")"
    say size "$(awk 'BEGIN { FS = "\002" } $1 == "f" { n += $3 } END { printf "%.0f", n }' "$snapshot/listing.copy")"
}
