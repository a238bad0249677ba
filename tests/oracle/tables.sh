#!/bin/sh
# shellcheck shell=sh
# Oracle: definitions, rows, triggers and views of the tables whose names start with PREFIX but not
# with NEIGHBOUR. Shares no code with wpstate; reads wp-config.php as the lab writes it.
#     tables.sh WP_CONFIG PREFIX [NEIGHBOUR]              as the site's database user
#     tables.sh SOCKET:DATABASE PREFIX [NEIGHBOUR]        as root on the lab's machine
set -eu
LC_ALL=C
export LC_ALL
of() { sed -n "s/^define( '$1', '\(.*\)' );/\1/p" "$config"; }
config=$1
case $1 in
    *.sock:*)
        database=${1#*.sock:}
        set -- "--socket=${1%":$database"}" "$database" "$2" "${3:-no neighbour}"
        ;;
    *)
        address=$(of DB_HOST)
        MYSQL_PWD=$(of DB_PASSWORD)
        export MYSQL_PWD
        set -- "-h${address%:*} -P${address#*:} -u$(of DB_USER)" "$(of DB_NAME)" "$2" "${3:-no neighbour}"
        ;;
esac
connect=$1 database=$2 prefix=$3 neighbour=$4
ask() {
    # shellcheck disable=SC2086  # the words are options
    mariadb --no-defaults -N -B $connect --default-character-set=utf8mb4 "$database" -e "$1"
}
everything=$(ask "SHOW FULL TABLES" | while IFS="$(printf '\t')" read -r name sort; do
    case $name in "$prefix"*) ;; *) continue ;; esac
    case $name in "$neighbour"*) continue ;; esac
    if [ "$sort" = VIEW ]; then
        echo "SHOW CREATE VIEW \`$name\`;"
    else
        echo "SHOW CREATE TABLE \`$name\`; CHECKSUM TABLE \`$name\` EXTENDED;"
        echo "SELECT '$name', t.* FROM \`$name\` t;"
    fi
done)
ask "$everything" | sort
ask "SHOW TRIGGERS" | cut -f 1 | while read -r trigger; do
    ask "SHOW CREATE TRIGGER \`$trigger\`" | cut -f 1-6
done
