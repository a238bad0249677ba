# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Tables too large to be dumped while visitors wait. They are copied before the freeze, each into a
# file of its own. Under the freeze, when a table was last written proves that its copy still holds;
# at a rollback, that the run left it alone.
#
# The snapshot has `large.tables` (lines of table TAB name), `large.moves` as it was under the
# freeze, and `large/NAME.sql`. In its fingerprint a table whose copy holds has its checksum, any
# other a sentence in its place; `dump.tables` leaves these out, for their rows are in no dump.

# Which tables the PHP of these plugins names, installed or staged: with or without the prefix, or,
# where the word alone would stand in any plugin, as wpdb's property.
name_tables() { # slugs
    require_lock
    choose_client
    list_tables "$run_dir" "$run_dir/named.tables" "$run_dir"
    prefix=$prefix awk 'BEGIN { FS = "\t" } $1 == "table" {
        short = substr($2, length(ENVIRON["prefix"]) + 1)
        print $2 "\t" $2
        print (short ~ /^(comments|links|options|posts|terms|users)$/ ? "wpdb->" short : short) "\t" $2
    }' "$run_dir/named.tables" >"$run_dir/named" || no_room
    cut -f 1 "$run_dir/named" >"$run_dir/named.words" || no_room
    for slug in "$@"; do printf '%s\0' "$plugins/$slug" "$plugins/$slug.php"; done |
        xargs -0 grep -rhowFf "$run_dir/named.words" --include='*.php' -- \
            "$run_dir/stage" "$plugins/.wpstate-$run/stage" 2>/dev/null | sort -u |
        awk 'BEGIN { FS = "\t" }
            part == "named" { table[$1] = $2; next }
            $0 in table { print "named=" table[$0] }' part=named "$run_dir/named" part=words - | sort -u
}

copy_tables() { # tables
    require_lock
    choose_client
    begin stage tables
    # Visitors come first.
    renice -n 19 -p "$$" >/dev/null 2>&1
    ionice -c 3 -p "$$" 2>/dev/null
    rm -rf -- "$snapshot"/large*
    mkdir -p -- "$snapshot/large" && cp -- "$run_dir/prefix" "$snapshot/" || fail net.disk "cannot write into $snapshot"
    list_tables "$snapshot" "$snapshot/large.own" "$snapshot"
    for table in "$@"; do printf 'table\t%s\n' "$table"; done | grep -xFf - "$snapshot/large.own" >"$snapshot/large.new"
    moves "$snapshot/large.new" "$snapshot/large.first" copying ||
        fail snapshot.fingerprint "$(last_words "$snapshot/large.first.err")"
    fingerprint "$snapshot/large.new" "$snapshot/large.fingerprint" &
    printing=$!
    names_of table "$snapshot/large.new" >"$snapshot/large.names"
    : >"$snapshot/large.sum"
    : >"$snapshot/large.lines"
    while IFS= read -r table <&4; do
        dump "$table" 2>"$snapshot/large.err" | pack >"$snapshot/large/$table.sql" 2>>"$snapshot/large.err"
        longest_lines "$snapshot/large/$table.sql" >>"$snapshot/large.lines" ||
            fail snapshot.dump "$table breaks off: $(last_words "$snapshot/large.err")"
        durable "$snapshot/large/$table.sql"
        (cd "$snapshot" && sha256sum -- "./large/$table.sql" >>large.sum) ||
            fail net.disk "$snapshot/large/$table.sql cannot be read"
    done 4<"$snapshot/large.names"
    wait "$printing" || fail snapshot.fingerprint "$(last_words "$snapshot/large.fingerprint.err")"
    unfit_for_text "$snapshot/large.lines" "$snapshot/large.unfit"
    mv -- "$snapshot/large.new" "$snapshot/large.tables"
    finish
    say tables "$(wc -l <"$snapshot/large.tables")"
    say size "$(du -sb "$snapshot/large" | cut -f 1)"
}

# When each table was last written: lines of table TAB text, equal only where no row and no
# definition changed between. UPDATE_TIME has whole seconds, so what was written within the last
# one may be written again without a trace: it gets the mark of the moment, as does what the server
# cannot tell of. TRUNCATE leaves UPDATE_TIME as it is, so the text says whether there are rows.
# InnoDB forgets the times at a restart, which shows; and that of a table which its full cache of
# definitions dropped, which shows unless it had none before. (information_schema.TABLES; MariaDB 10.11, MySQL 8.0.)
moves() { # list of tables, target, mark, lines of an earlier moment of this server
    {
        echo "/*!80000 SET SESSION information_schema_stats_expiry = 0 */;"
        echo "SHOW GLOBAL STATUS LIKE 'Uptime';"
        echo "SELECT 'now', UNIX_TIMESTAMP();"
        names_of table "$1" | sed "s/.*/SELECT 'rows', '&', EXISTS (SELECT 1 FROM \`&\`);/"
        echo "SELECT 'time', TABLE_NAME, CONCAT_WS(' ', ENGINE, CREATE_TIME, IFNULL(UPDATE_TIME, 'never')),
            UPDATE_TIME >= NOW() - INTERVAL 1 SECOND OR ENGINE NOT IN ('InnoDB', 'MyISAM')
            FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE();"
    } | sql >"$2.rows" 2>"$2.err" || return 1
    mark=$3 awk 'BEGIN { FS = OFS = "\t" }
        part == "own" { own[$2]; next }
        part == "earlier" { if ($1 == "") earlier = $2; next }
        $1 == "Uptime" { up_s = $2; next }
        $1 == "now" { start_s = $2 - up_s; next }
        $1 == "rows" { rows[$2] = $3; next }
        FNR && !told++ { print "", start_s }
        $2 in own {
            again = earlier != "" && (start_s - earlier > 2 || earlier - start_s > 2)
            print $2, $3 " rows " rows[$2] ($4 == 1 || again ? " " ENVIRON["mark"] : "")
        }' part=own "$1" part=earlier "${4:-/dev/null}" part=rows "$2.rows" >"$2"
    rm -f -- "$2.rows"
}

# Under the freeze: which copies hold. Nobody writes, so the second that bars a proof passes.
see_large_tables() {
    : >"$snapshot/large.sums"
    : >"$snapshot/large.names"
    [ -s "$snapshot/large.tables" ] || return 0
    grep -xFf "$snapshot/tables" "$snapshot/large.tables" >"$snapshot/large.new"
    mv -- "$snapshot/large.new" "$snapshot/large.tables"
    names_of table "$snapshot/large.tables" >"$snapshot/large.names"
    for attempt in 1 2 3; do
        moves "$snapshot/large.tables" "$snapshot/large.moves" frozen "$snapshot/large.first" ||
            fail snapshot.fingerprint "$(last_words "$snapshot/large.moves.err")"
        grep -q ' frozen$' "$snapshot/large.moves" || break
        : "$attempt"
        sleep 1
    done
    awk 'BEGIN { FS = OFS = "\t" }
        part == "first" { first[$1] = $2; next }
        part == "unfit" { unfit[$1]; next }
        part == "sums" { if ($1 == "sum") sum[$2] = $3; next }
        $1 == "" { next }
        { print "sum", $1, first[$1] == $2 && !($1 in unfit) && $1 in sum ? sum[$1] : "in no dump: written since it was copied" }' \
        part=first "$snapshot/large.first" part=unfit "$snapshot/large.unfit" \
        part=sums "$snapshot/large.fingerprint" part=moves "$snapshot/large.moves" >"$snapshot/large.sums"
}

# The fingerprint, where a table that has not moved since a snapshot is taken as that has it.
fingerprint_since() { # list of tables, target, snapshot folder
    : >"$2.still"
    if [ -s "$3/large.tables" ]; then
        grep -xFf "$1" "$3/large.tables" >"$2.large"
        moves "$2.large" "$2.moves" now "$3/large.moves" || return 1
        grep -xFf "$3/large.moves" "$2.moves" | grep -v '^	' | cut -f 1 >"$2.still"
    fi
    fingerprint "$1" "$2" "$2.still" || return 1
    awk 'BEGIN { FS = "\t" } part == "still" { still[$0]; next } $1 == "sum" && $2 in still' \
        part=still "$2.still" part=before "$3/fingerprint" >>"$2"
    sort -o "$2" "$2"
}

dumped() { # snapshot folder, file of table names: the statements that make them anew
    unpack "$1/dump.sql" | sections "$2"
    while IFS= read -r table; do
        [ ! -f "$1/large/$table.sql" ] || unpack "$1/large/$table.sql"
    done <"$2"
}
