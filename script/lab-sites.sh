# shellcheck shell=sh
# The lab's sites: their state shown, and each put back as it was built. Sourced by script/lab.
: "${LAB_ROOT:?}" "${checkout:?}" "${run:?}" "${tab:?}"

site_fields() { # SITE: sets account port served site_root wp_path
    fields=$(awk -F "$tab" -v site="$1" '$1 == site' "$LAB_ROOT/etc/sites.tsv")
    if [ -z "$fields" ]; then
        echo "lab: no such site: $1" >&2
        return 64
    fi
    IFS=$tab read -r _ account port served site_root wp_path _ <<FIELDS
$fields
FIELDS
}

sites() { cut -f 1 "$LAB_ROOT/etc/sites.tsv"; }
accounts() { cut -f 2 "$LAB_ROOT/etc/sites.tsv" | sort -u; }

# Ends what an account of the lab runs. With PATTERN, only processes whose command line shows it,
# and never an SSH session or a pool.
account_stop() { # ACCOUNT [PATTERN]
    # shellcheck disable=SC2044  # /proc's names are numbers
    for folder in $(find /proc -maxdepth 1 -name '[0-9]*' -user "$1" 2>/dev/null); do
        if [ -n "${2:-}" ]; then
            case $(cat "$folder/comm" 2>/dev/null) in sshd | php-fpm8.2) continue ;; esac
            grep -saqE "$2" "$folder/cmdline" || continue
        fi
        kill -KILL "${folder#/proc/}" 2>/dev/null || true
    done
}

# What still runs of the lab: anything of its accounts, a service, or the root half of a session.
# A process that has ended and waits for its parent has no command line.
lab_processes() {
    accounts | while read -r account; do
        find /proc -maxdepth 1 -name '[0-9]*' -user "$account" -exec grep -sl . {}/cmdline \; 2>/dev/null
    done
    grep -saEl "^(mariadbd|nginx: master|php-fpm: master|sshd: /).*$LAB_ROOT|^sshd: wpl-|^redis-server .*:36379|^python3.*$LAB_ROOT/wporg|^sh.*lab-killer" \
        /proc/[0-9]*/cmdline || true
}

# What runs kept in the database and killed tests left there. Of a shared database nobody knows whose.
drop_kept_tables() {
    database=$(awk -F "$tab" -v site="$1" '$1 == site { print $7 }' "$LAB_ROOT/etc/sites.tsv")
    users=$(awk -F "$tab" -v name="$database" '$7 == name' "$LAB_ROOT/etc/sites.tsv" | wc -l)
    if [ "$users" != 1 ]; then return; fi
    set -- mariadb --no-defaults --socket="$run/mysqld.sock" --skip-column-names "$database"
    # shellcheck disable=SC2016  # the backquotes are SQL's
    "$@" -e "SHOW TABLES LIKE 'wpstate\\_%'" | sed 's/.*/DROP TABLE `&`;/' | "$@"
}

reset_site() {
    site_fields "$1"
    pristine=$LAB_ROOT/pristine/$1
    if [ ! -e "$pristine/built" ]; then
        echo "lab: $1 is not built; run script/lab up" >&2
        return 1
    fi
    exec 8>"$run/reset-$account.lock"
    flock 8
    service_stop "php-$1"
    home=$LAB_ROOT/homes/$account
    # wpstate keeps a site's state below the first 16 digits of the hash of its folder's name.
    state=$home/.wpstate/$(readlink -f "$wp_path" | tr -d '\n' | sha256sum | cut -c 1-16)
    if [ "$(awk -F "$tab" -v account="$account" '$2 == account' "$LAB_ROOT/etc/sites.tsv" | wc -l)" = 1 ]; then
        account_stop "$account" .
        # A file system of its own there stays.
        if mountpoint -q "$home/.wpstate"; then
            find "$home/.wpstate" -mindepth 1 -delete
        else
            rm -rf "$home/.wpstate"
        fi
        find "$home/www" -mindepth 1 -maxdepth 1 ! -path "$site_root" -exec rm -rf {} +
    else
        account_stop "$account" "$state|$site_root"
        rm -rf "$state"
    fi
    # By checksum: a file may have been changed without a change of size or time.
    rsync -a --checksum --delete --chown="$account:$account" "$pristine/files/" "$site_root/"
    "$checkout/roles/lab_site/files/site-tables.sh" load "$1" "$LAB_ROOT"
    drop_kept_tables "$1"
    case $1 in
        redis) redis-cli -p "$(service_port redis)" flushall >/dev/null ;;
        pagecache) find "$run/pagecache" -type f -delete ;;
    esac
    if [ "$served" = yes ]; then service_start "php-$1" >/dev/null 8>&-; fi
    exec 8>&-
    rm -f "$run/$1.used"
    echo "reset $1"
}

reset() {
    if [ $# = 0 ]; then usage >&2 && return 64; fi
    for site; do reset_site "$site"; done
}

# PORT CODE for every port that a site is served on, asked all at once.
http_codes() {
    # shellcheck disable=SC2046  # the words are options and addresses
    curl -sZ --no-progress-meter -m 20 -w '%{url} %{http_code}\n' $(awk -F "$tab" \
        '$4 == "yes" { print "-o /dev/null http://127.0.0.1:" $3 "/" }' "$LAB_ROOT/etc/sites.tsv") |
        sed 's|^http://127.0.0.1:\([0-9]*\)/|\1|'
}

core_version() {
    sed -n "s/^\$wp_version = '\([0-9.a-zA-Z-]*\)';\$/\1/p" "$1/wp-includes/version.php" 2>/dev/null
}

# service NAME PID PORT OK | site NAME URL CODE VERSION, tab-separated
facts() {
    for service in $(services); do
        if pid=$(service_pid "$service") && service_answers "$service"; then ok=true; else ok=false; fi
        printf 'service\t%s\t%s\t%s\t%s\n' "$service" "${pid:--}" "$(service_port "$service")" "$ok"
    done
    codes=$(http_codes || true)
    for site in $(sites); do
        site_fields "$site"
        code=-
        if [ "$served" = yes ]; then code=$(echo "$codes" | sed -n "s/^$port //p"); fi
        printf 'site\t%s\t%s\t%s\t%s\n' "$site" "http://127.0.0.1:$port" "$code" "$(core_version "$wp_path")"
    done
}

status() {
    case "$*" in
        '') facts | awk -F "$tab" '
            $1 != last { last = $1; print (last == "service" ? "SERVICE        PID      PORT   OK" : "\nSITE           URL                      HTTP   CORE") }
            $1 == "service" { printf "%-14s %-8s %-6s %s\n", $2, $3, $4, ($5 == "true" ? "ok" : "down") }
            $1 == "site" { printf "%-14s %-24s %-6s %s\n", $2, $3, $4, $5 }' ;;
        '--format json') facts | awk -F "$tab" '
            function number(text) { return text == "-" || text == "" ? "null" : text + 0 }
            $1 == "service" { services = services sep1 sprintf("{\"name\":\"%s\",\"pid\":%s,\"port\":%s,\"ok\":%s}", $2, number($3), number($4), $5); sep1 = "," }
            $1 == "site" { sites = sites sep2 sprintf("{\"name\":\"%s\",\"url\":\"%s\",\"http_code\":%s,\"core\":\"%s\"}", $2, $3, number($4), $5); sep2 = "," }
            END { printf "{\"services\":[%s],\"sites\":[%s]}\n", services, sites }' ;;
        *) usage >&2 && return 64 ;;
    esac
}
