# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Shadow tables: the snapshot's tables are imported beside the live ones and proved there; one
# RENAME TABLE puts them all in place, and the tables that stood there are kept. Rows that must not
# be lost are then carried over from those. What is carried is decided in tiers.sh.

# $work/shadows, one line a table: fate, table, shadow, name under which the live one is kept.
name_shadows() {
    stamp=$(key8)_$(cat "$run_dir/epoch")_$(date +%s) awk '
        BEGIN { FS = OFS = "\t" }
        { print $1, $2, "wpstate_r_" ENVIRON["stamp"] "_" NR, "wpstate_o_" ENVIRON["stamp"] "_" NR }' \
        "$work/restored.fates" >"$work/shadows"
}

# The dump's statements for these tables under their shadows' names. Only the head of a line is
# looked at: a line start is always a statement, and rows follow the name.
as_shadows() {
    awk '
        BEGIN { FS = "\t" }
        part == "shadows" { shadow[$2] = $3; next }
        /^(DROP TABLE IF EXISTS|CREATE TABLE|INSERT INTO|\/\*!40000 ALTER TABLE) `/ {
            from = index($0, "`")
            rest = substr($0, from + 1)
            to = index(rest, "`")
            name = substr(rest, 1, to - 1)
            if (name in shadow) { print substr($0, 1, from) shadow[name] substr(rest, to); next }
        }
        { print }' part=shadows "$work/shadows" part=dump -
}

# Import and prove. Nothing live is touched.
stage_shadows() { # snapshot folder
    [ -s "$work/shadows" ] || return 0
    cut -f 2 "$work/shadows" >"$work/staged"
    {
        echo 'SET FOREIGN_KEY_CHECKS = 0; SET UNIQUE_CHECKS = 0;'
        dumped "$1" "$work/staged" | as_shadows
        echo "SET FOREIGN_KEY_CHECKS = 0; SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO';"
        awk 'BEGIN { FS = "\t" }
            part == "shadows" { shadow[$2] = $3; next }
            $1 in shadow { printf "DELETE FROM `%s`;\nINSERT INTO `%s` (%s) SELECT %s FROM `%s`;\nCOMMIT;\n", shadow[$1], shadow[$1], $4, $4, $2 }' \
            part=shadows "$work/shadows" part=kept "$1/kept"
    } | sql || return 1
    awk -F '\t' '{ print "CHECKSUM TABLE `" $3 "` EXTENDED;" }' "$work/shadows" | sql | cut -f 2 >"$work/shadow.sums" || return 1
    paste "$work/shadows" "$work/shadow.sums" | awk '
        BEGIN { FS = "\t" }
        part == "before" { if ($1 == "sum") sum[$2] = $3; next }
        sum[$2] != $5 { print $2 "\t" $3 }' part=before "$1/fingerprint" part=staged - >"$work/moved"
    # Who wrote during the snapshot wrote between dump and fingerprint. Then the dump decides: what
    # was imported must be dumped again as the same rows.
    while IFS="$(printf '\t')" read -r table shadow; do
        echo "$table" >"$work/moved.one"
        if [ "$(dumped "$1" "$work/moved.one" | sections "$work/moved.one" | rows_sum)" != "$(dump "$shadow" | rows_sum)" ]; then
            echo "imported other than it was dumped: $table" >&2
            return 1
        fi
    done <"$work/moved"
}

rows_sum() { # dump of one table: sha256 of its rows, however they are spread over statements
    awk '
        /^INSERT INTO `/ { sub(/^INSERT INTO `[^`]*` (\(`[^)]*`\) )?VALUES ?/, ""); on = 1 }
        !on { next }
        { last = $0 ~ /;$/; sub(/[,;]$/, ""); if ($0 != "") printf "%s,", $0; if (last) on = 0 }' | sha256sum
}

drop_shadows() {
    echo "SHOW TABLES LIKE 'wpstate\\_r\\_$(key8)\\_%';" | sql | sed 's/.*/DROP TABLE IF EXISTS `&`;/' | sql
}

# Facts for carrying: one line a column: table, column, `key`, `number` (counts up by itself), `made`
# (generated) or `plain`.
read_columns() { # file of table names
    {
        echo "SELECT TABLE_NAME, REPLACE(COLUMN_NAME, '\`', '\`\`'), CASE
                WHEN EXTRA REGEXP 'VIRTUAL|STORED|PERSISTENT' THEN 'made'
                WHEN EXTRA LIKE '%auto_increment%' AND COLUMN_KEY = 'PRI' THEN 'number'
                WHEN COLUMN_KEY = 'PRI' THEN 'key' ELSE 'plain' END
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ("
        awk '{ printf "%s\047%s\047", NR == 1 ? "" : ", ", $0 }' "$1"
        echo ') ORDER BY TABLE_NAME, ORDINAL_POSITION;'
    } | sql --raw
}

# The numbers of rows that the run itself added, out of its notes: conditions on `o`, `@` for the
# column. Those of one statement follow each other in steps, and where the server hands them out
# singly (innodb_autoinc_lock_mode 2) others may have some in between.
ours_awk='
function note_ours(name, first, rows) {
    if (first ~ /^[0-9]+$/ && rows ~ /^[0-9]+$/ && rows > 0) {
        if (first > 0 && (rows == 1 || ENVIRON["exact"] != "no"))
            ours[name] = ours[name] sprintf(" OR (o.`@` BETWEEN %s AND %.0f AND MOD(o.`@` - %s, %d) = 0)", \
                first, first + (rows - 1) * ENVIRON["step"], first, ENVIRON["step"])
    } else if (rows == "-") blind[name]
}
function mine_in(name, number,   mine) {
    mine = ours[name]
    gsub(/@/, number, mine)
    sub(/^ OR /, "", mine)
    return mine
}'

how_numbered() { # sets step and exact; where visitors write too, doubt is in their favour
    numbered=$(echo 'SELECT @@auto_increment_increment, @@innodb_autoinc_lock_mode;' | sql) || return 1
    step=${numbered%%	*}
    exact=yes
    if [ "$rule" = own ] && [ "${numbered##*	}" = 2 ]; then exact=no; fi
}

# Statements out of $work/columns for lines of `fate TAB table TAB new one TAB old one`.
carry_sql=$ours_awk'
function same(c) { return "BINARY n.`" c "` <=> BINARY o.`" c "`" }
function list(text, separator, more) { return text == "" ? more : text separator more }
BEGIN { FS = "\t" }
part == "notes" { note_ours($1, $2, $3); next }
part == "types" { if ($0 !~ /^(#|$)/) types = list(types, ", ", "\047" $0 "\047"); next }
part == "visitors" { if ($0 !~ /^(#|$)/) { gsub(/\*/, ".*"); visitors[$0] }; next }
part == "columns" { kind[$1, $2] = $3; columns[$1] = columns[$1] $2 "\t"; next }
{
    fate = $1; table = $2; fresh = $3; old = $4
    common = on = differs = number = both = ""
    keyed = 1
    count = split(columns[fresh], names, "\t") - 1
    for (n = 1; n <= count; n++) {
        c = names[n]
        if (!((old, c) in kind) || kind[fresh, c] == "made" || kind[old, c] == "made") {
            if (kind[fresh, c] == "key" || kind[fresh, c] == "number") keyed = 0
            continue
        }
        common = list(common, ", ", "`" c "`")
        both = list(both, " AND ", same(c))
        if (kind[fresh, c] == "key" || kind[fresh, c] == "number") on = list(on, " AND ", "n.`" c "` = o.`" c "`")
        else { differs = list(differs, " AND ", same(c)); sets[table] = list(sets[table], ", ", "n.`" c "` = o.`" c "`") }
        if (kind[fresh, c] == "number") number = c
    }
    if (on == "") keyed = 0
    if (!keyed) on = both
    if (common == "") next
    if (ENVIRON["ask"] != "") {
        # Rows of the snapshot that are not there as they were.
        printf "SELECT \047%s\047, COUNT(*) FROM `%s` n WHERE NOT EXISTS (SELECT 1 FROM `%s` o WHERE %s);\n", table, fresh, old, on == both ? both : on " AND " both
        next
    }
    of_type = table ~ /posts$/ ? "o.post_type IN (" types ")" : \
        "o.post_id IN (SELECT ID FROM `" substr(table, 1, length(table) - 8) "posts` WHERE post_type IN (" types "))"
    short = substr(table, length(ENVIRON["prefix"]) + 1)
    theirs = 0
    for (pattern in visitors) if (short ~ "^" pattern "$") theirs = 1
    which = "1"
    mine = number == "" ? "" : mine_in(table, number)
    if (fate == "append" && ENVIRON["rule"] == "own" && mine != "") which = "NOT (" mine ")"
    if (fate == "carry" || fate == "types") {
        # Without numbers nobody can tell whose a new row is: a visitor has the benefit in tables of theirs.
        if (number == "" || table in blind || ENVIRON["known"] == "no") which = theirs ? "1" : fate == "types" ? of_type : "0"
        else if (mine != "") which = "NOT (" mine ")"
    }
    printf "INSERT IGNORE INTO `%s` (%s) SELECT %s FROM `%s` o WHERE (%s) AND NOT EXISTS (SELECT 1 FROM `%s` n WHERE %s);\n", \
        fresh, common, common, old, which, fresh, on
    told = short == "options" ? "0" : "@@warning_count"
    printf "SELECT \047%s\047, ROW_COUNT(), %s;\n", table, told
    if (keyed && differs != "" && (fate == "live" || fate == "types"))
        printf "UPDATE IGNORE `%s` n JOIN `%s` o ON %s SET %s WHERE NOT (%s)%s;\nSELECT \047%s\047, 0, %s;\n", \
            fresh, old, on, sets[table], differs, fate == "types" ? " AND " of_type : "", table, told
}'

carry() { # file of `fate TAB table TAB new one TAB old one`; prints `table TAB rows TAB values and rows that did not fit`
    [ -s "$1" ] || return 0
    cut -f 3,4 "$1" | tr '\t' '\n' >"$work/carry.names"
    read_columns "$work/carry.names" >"$work/columns" && how_numbered || return 1
    {
        # A value that is cut and a row that meets another unique key are warnings, which are counted;
        # of an option, the snapshot's has the name.
        echo "SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO', sql_notes = 0; SET FOREIGN_KEY_CHECKS = 0;"
        known=$known ask=${2:-} rule=$rule step=$step exact=$exact prefix=$(cat "$from/prefix") awk "$carry_sql" \
            part=notes "$notes" part=types "$run_dir/visitors_posts.txt" part=visitors "$work/visitors" \
            part=columns "$work/columns" part=tables "$1"
    } | sql
}
