# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The snapshot, under the freeze: the code copy checked again, the tables dumped and
# fingerprinted, everything listed with its sha256 in COMPLETE, which is written last.

require_snapshot() { # folder
    [ -s "$1/COMPLETE" ] || fail snapshot.damaged "the snapshot is not complete"
}

snapshot() {
    require_lock
    choose_client
    begin snapshot
    [ -s "$snapshot/listing.copy" ] || fail net.usage "the code was not copied"
    list_tables "$snapshot" "$snapshot/tables" "$snapshot"
    see_large_tables
    # The database and the files are read at the same time.
    dump_tables &
    dumping=$!
    fingerprint "$snapshot/tables" "$snapshot/fingerprint" "$snapshot/large.names" &
    printing=$!
    copy_again
    wait "$printing" || fail snapshot.fingerprint "$(last_words "$snapshot/fingerprint.err")"
    cat "$snapshot/large.sums" >>"$snapshot/fingerprint"
    wait "$dumping" || fail snapshot.dump "$(last_words "$snapshot/dump.err")"
    check_dump
    keep_in_server
    seal
    finish
    say tables "$(names_of table "$snapshot/tables" | wc -l)"
    say size "$(du -sb "$snapshot" | cut -f 1)"
    say recopied "$(awk 'BEGIN { FS = "\002" } $1 == "f"' "$snapshot/listing.again" | wc -l)"
}

# What the copy does not hold as it is now. A file written within the clock's last tick before
# the copy's listing may have changed again without a trace in its times, so it is copied again
# too; a tick is a few milliseconds, or a second where file systems keep no fractions.
copy_again() {
    list_tree "$snapshot" "$snapshot/listing" ||
        fail snapshot.unreadable "$(last_words "$snapshot/listing.err")"
    copied_at=$(cat "$snapshot/copied_at") awk "$same_awk"'
        BEGIN { FS = "\002" }
        part == "hashes" { hashed[substr($0, 67)]; next }
        part == "copy" { copy[$7] = essence($0); next }
        $7 in copy && copy[$7] == essence($0) &&
            ($1 != "f" || ($7 in hashed && $5 < ENVIRON["copied_at"] - ($5 ~ /\.0+$/ ? 2 : 0.1))) { next }
        { print }' part=hashes "$snapshot/code.hashes" part=copy "$snapshot/listing.copy" \
        part=now "$snapshot/listing" >"$snapshot/listing.again"
    : >"$snapshot/again.hashes"
    if [ -s "$snapshot/listing.again" ]; then
        archive "$snapshot/listing.again" "$snapshot/again.tar" &&
            hashes "$snapshot/listing.again" "$snapshot/again.hashes" ||
            fail snapshot.code "$(last_words "$snapshot/again.tar.err")"
    fi
    # One line an entry: archive, sha256, path.
    awk 'BEGIN { FS = OFS = "\002" }
        part == "code" { code[substr($0, 67)] = substr($0, 1, 64); next }
        part == "hashes" { again[substr($0, 67)] = substr($0, 1, 64); next }
        part == "again" { fresh[$7]; next }
        $1 == "f" && !($7 in fresh ? $7 in again : $7 in code) { bad = 1; exit }
        { print ($7 in fresh ? "again" : "code"), ($1 != "f" ? "-" : $7 in fresh ? again[$7] : code[$7]), $7 }
        END { exit bad }' part=code "$snapshot/code.hashes" part=hashes "$snapshot/again.hashes" \
        part=again "$snapshot/listing.again" part=now "$snapshot/listing" >"$snapshot/manifest" ||
        fail snapshot.code "a file has no sha256"
}

dump_tables() { # runs in the background: answers by its exit code
    names_of table "$snapshot/tables" | grep -vxFf "$snapshot/large.names" >"$snapshot/dump.names"
    set --
    while IFS= read -r table; do set -- "$@" "$table"; done <"$snapshot/dump.names"
    [ $# -gt 0 ] || return 1
    dump "$@" 2>"$snapshot/dump.err" | pack >"$snapshot/dump.sql" 2>>"$snapshot/dump.err" || return 1
    # Triggers one file a table: their bodies may hold lines that look like the dump's own marks.
    mkdir -p -- "$snapshot/triggers"
    echo "SELECT DISTINCT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE();" | sql >"$snapshot/triggers.tables" 2>>"$snapshot/dump.err" || return 1
    while IFS= read -r table; do
        grep -qxF -e "table	$table" "$snapshot/tables" || continue
        # shellcheck disable=SC2086 # options in one word, or none
        "$dumper" --defaults-file="$my_cnf" $dump_extra ${dump_limits:+"$dump_limits"} --default-character-set=utf8mb4 --no-data --no-create-info \
            --skip-lock-tables --no-tablespaces --triggers "$database" "$table" \
            </dev/null >"$snapshot/triggers/$table.sql" 2>>"$snapshot/dump.err" || return 1
        tail -n 1 "$snapshot/triggers/$table.sql" | grep -q '^-- Dump completed' || return 1
    done <"$snapshot/triggers.tables"
}

# A pipe hides a dump that broke off; the file on the disk is what counts.
check_dump() {
    longest_lines "$snapshot/dump.sql" >"$snapshot/dump.lines" 2>>"$snapshot/dump.err" ||
        fail snapshot.dump "the dump breaks off: $(last_words "$snapshot/dump.err")"
    [ "$(wc -l <"$snapshot/dump.lines")" -eq "$(wc -l <"$snapshot/dump.names")" ] ||
        fail snapshot.dump "the dump lacks tables: $(last_words "$snapshot/dump.err")"
    # What this snapshot can put back.
    awk 'BEGIN { FS = "\t" } part == "now" { print; next } $3 ~ /^[0-9]+$/ { print $2 }' \
        part=now "$snapshot/dump.names" part=large "$snapshot/large.sums" >"$snapshot/dump.tables"
}

longest_lines() { # dump: lines of length TAB table; fails where the dump breaks off
    unpack "$1" | LC_ALL=C awk '
        /^CREATE TABLE `/ { tables++ }
        { last = $0; if (length($0) > longest[tables]) longest[tables] = length($0) }
        /^-- Table structure for table `/ { name[tables + 1] = $0 }
        END {
            for (n = 1; n <= tables; n++) { sub(/.*for table `/, "", name[n]); sub(/`$/, "", name[n]); print longest[n] "\t" name[n] }
            exit last !~ /^-- Dump completed/
        }'
}

# Text cannot carry a FLOAT (16777217 comes back as 16777200), nor a row that has become longer
# than a packet.
unfit_for_text() { # longest lines, target: lines of table TAB n TAB columns
    {
        echo 'SET SESSION group_concat_max_len = 1000000;'
        echo "SELECT 'packet', @@max_allowed_packet;"
        echo "SELECT C.TABLE_NAME, GROUP_CONCAT(IF(C.EXTRA REGEXP 'VIRTUAL|STORED|PERSISTENT', NULL,
                CONCAT('\`', REPLACE(C.COLUMN_NAME, '\`', '\`\`'), '\`')) ORDER BY C.ORDINAL_POSITION),
                MAX(C.DATA_TYPE = 'float')
            FROM information_schema.COLUMNS C WHERE C.TABLE_SCHEMA = DATABASE() GROUP BY C.TABLE_NAME;"
    } | sql --raw >"$snapshot/columns" 2>"$snapshot/columns.err" ||
        fail database.unreachable "$(last_words "$snapshot/columns.err")"
    awk 'BEGIN { FS = OFS = "\t" }
        part == "lines" { long[$2] = $1; next }
        $1 == "packet" && NF == 2 { packet = $2; next }
        $1 in long && ($3 == 1 || long[$1] + 1024 > packet) { print $1, ++n, $2 }' \
        part=lines "$1" part=columns "$snapshot/columns" >"$2"
}

# Tables unfit for text are copied inside the server too.
keep_in_server() {
    key8=$(key8)
    unfit_for_text "$snapshot/dump.lines" "$snapshot/kept.list"
    : >"$snapshot/kept"
    [ -s "$snapshot/kept.list" ] || return 0
    snap_prefix=wpstate_snap_${key8}_$(cat "$run_dir/epoch")
    snap_prefix=$snap_prefix awk 'BEGIN { FS = "\t" } {
        copy = ENVIRON["snap_prefix"] "_" $2
        printf "DROP TABLE IF EXISTS `%s`;\nCREATE TABLE `%s` ENGINE=InnoDB AS SELECT %s FROM `%s`;\n", copy, copy, $3, $1
        printf "SELECT \"%s\", \"%s\";\nCHECKSUM TABLE `%s`;\n", $1, copy, copy }' \
        "$snapshot/kept.list" | sql >"$snapshot/kept.rows" 2>"$snapshot/kept.err" ||
        fail snapshot.kept "$(last_words "$snapshot/kept.err")"
    # One line a table: table, copy, checksum of the copy, columns.
    awk 'BEGIN { FS = OFS = "\t" }
        part == "list" { columns[$1] = $3; next }
        FNR % 2 { table = $1; copy = $2; next }
        { print table, copy, $2, columns[table] }' part=list "$snapshot/kept.list" \
        part=rows "$snapshot/kept.rows" >"$snapshot/kept"
}

seal() {
    cp -p -- "$my_cnf" "$run_dir/database" "$run_dir/foreign" "$snapshot/" || fail net.disk "cannot write into $snapshot"
    rm -f -- "$snapshot"/*.err "$snapshot"/*.names "$snapshot"/*.lines "$snapshot/large.own" "$snapshot/columns" "$snapshot/kept.list" "$snapshot/kept.rows"
    (
        cd "$snapshot" && rm -f COMPLETE &&
            find . -type f ! -name 'COMPLETE*' ! -name basis ! -path './code.tar*' ! -path './large/*' -exec sha256sum {} + >COMPLETE.new &&
            cat code.tar.sum >>COMPLETE.new && { [ ! -e large.sum ] || cat large.sum >>COMPLETE.new; } || exit 1
        sync -- * triggers/* 2>/dev/null
        durable "$snapshot/COMPLETE.new" && mv -- "$snapshot/COMPLETE.new" "$snapshot/COMPLETE" &&
            durable "$snapshot"
    ) || fail net.disk "the snapshot could not be sealed"
}
