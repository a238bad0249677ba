#!/bin/sh
# shellcheck shell=sh
# site-tables.sh drop|dump|load SITE LAB_ROOT: one site's tables, and never those of another site in
# the same database: its prefix, minus the longer prefixes of the others (wp_ against wp_2_).
set -eu
verb=$1 site=$2 root=$3
tab=$(printf '\t')

sql() { mariadb --no-defaults --socket="$root/run/mysqld.sock" --batch --skip-column-names "$@"; }

own=$(awk -F "$tab" -v site="$site" '$1 == site { print $7, $8 }' "$root/etc/sites.tsv")
database=${own% *} prefix=${own#* }
longer=$(awk -F "$tab" -v database="$database" -v prefix="$prefix" \
    '$7 == database && $8 != prefix && index($8, prefix) == 1 { print $8 }' "$root/etc/sites.tsv")

own_tables() {
    query="SELECT IF(TABLE_TYPE = 'VIEW', 'VIEW', 'TABLE'), TABLE_NAME FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = '$database' AND LEFT(TABLE_NAME, ${#prefix}) = '$prefix'"
    for other in $longer; do query="$query AND LEFT(TABLE_NAME, ${#other}) <> '$other'"; done
    sql -e "$query"
}

case $verb in
    drop)
        # shellcheck disable=SC2016  # the backquotes are SQL's
        own_tables | sed 's/^\([A-Z]*\)\t\(.*\)$/DROP \1 IF EXISTS `\2`;/' | sql "$database"
        ;;
    dump)
        # shellcheck disable=SC2046  # the names are words: letters, digits and underscores
        mariadb-dump --no-defaults --socket="$root/run/mysqld.sock" --single-transaction --quick \
            --skip-lock-tables --no-tablespaces --skip-dump-date "$database" \
            $(own_tables | cut -f 2)
        ;;
    load)
        "$0" drop "$site" "$root"
        sql "$database" <"$root/pristine/$site/tables.sql"
        ;;
esac
