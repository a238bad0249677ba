# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# AUTO_INCREMENT counters: rows that are carried over and rows that are new never share a number.

# New rows must never meet the numbers of those that are carried over.
lift_counters() {
    cut -f 2,3 "$work/shadows" | tr '\t' '\n' >"$work/carry.names"
    read_columns "$work/carry.names" >"$work/columns" || return 1
    awk -F '\t' '
        part == "columns" { if ($3 == "number") number[$1] = $2; next }
        ($2 in number) && ($3 in number) { printf "SELECT \047%s\047, MAX(`%s`) + 100000 FROM `%s`;\n", $3, number[$2], $2 }' \
        part=columns "$work/columns" part=shadows "$work/shadows" | sql >"$work/counters" || return 1
    awk -F '\t' '$2 ~ /^[0-9]+$/ { printf "ALTER TABLE `%s` AUTO_INCREMENT = %s;\n", $1, $2 }' "$work/counters" | sql
}

# Back to where the snapshot's counters stood; the server itself never goes below a row.
settle_counters() { # snapshot folder
    awk -F '\t' '
        part == "before" {
            if ($1 == "def") next_one[$2] = match($0, / AUTO_INCREMENT=[0-9]+/) ? substr($0, RSTART + 16, RLENGTH - 16) : 1
            next
        }
        part == "counters" { lifted[$1]; next }
        $3 in lifted { printf "ALTER TABLE `%s` AUTO_INCREMENT = %s;\n", $2, next_one[$2] }' \
        part=before "$1/fingerprint" part=counters "$work/counters" part=shadows "$work/shadows" | sql
}

# By the counter that the snapshot's definition names.
count_newer() { # snapshot folder
    cut -f 2 "$work/fates" >"$work/carry.names"
    [ -s "$work/carry.names" ] || return 0
    read_columns "$work/carry.names" | awk '
        BEGIN { FS = "\t" }
        part == "before" { if ($1 == "def") next_one[$2] = match($0, / AUTO_INCREMENT=[0-9]+/) ? substr($0, RSTART + 16, RLENGTH - 16) : 0; next }
        $3 == "number" && $1 in next_one { printf "SELECT \047%s\047, COUNT(*) FROM `%s` WHERE `%s` >= %s;\n", $1, $1, $2, next_one[$1] }' \
        part=before "$1/fingerprint" part=columns - | sql
}
