#!/bin/sh
# shellcheck shell=sh
# Oracle: definitions, rows, triggers and views of the tables whose names start with PREFIX but not
# with NEIGHBOUR. Shares no code with wpstate; reads wp-config.php as the lab writes it.
#     tables.sh WP_CONFIG PREFIX [NEIGHBOUR]
set -eu
LC_ALL=C
export LC_ALL
of() { sed -n "s/^define( '$1', '\(.*\)' );/\1/p" "$2"; }
address=$(of DB_HOST "$1")
MYSQL_PWD=$(of DB_PASSWORD "$1")
export MYSQL_PWD
ask() {
    mariadb --no-defaults -N -B -h "${address%:*}" -P "${address#*:}" -u "$(of DB_USER "$1")" \
        --default-character-set=utf8mb4 "$(of DB_NAME "$1")" -e "$2"
}
everything=$(ask "$1" "SHOW FULL TABLES" | while IFS="$(printf '\t')" read -r name sort; do
    case $name in "$2"*) ;; *) continue ;; esac
    case $name in "${3:-no neighbour}"*) continue ;; esac
    if [ "$sort" = VIEW ]; then
        echo "SHOW CREATE VIEW \`$name\`;"
    else
        echo "SHOW CREATE TABLE \`$name\`; CHECKSUM TABLE \`$name\` EXTENDED;"
        echo "SELECT '$name', t.* FROM \`$name\` t;"
    fi
done)
ask "$1" "$everything" | sort
ask "$1" "SHOW TRIGGERS" | cut -f 1 | while read -r trigger; do
    ask "$1" "SHOW CREATE TRIGGER \`$trigger\`" | cut -f 1-6
done
