#!/bin/sh
# shellcheck shell=sh
# many_sites.sh build|start|stop|old-plugin SITE...|fast SITE|slow SITE|clean: the 200 sites on 20
# accounts that script/bench measures, ten in each account. An account has an address of its own on
# loopback, a php-fpm of its own that starts workers when asked, and one WordPress whose files its
# sites share by hard links; a site has its own wp-content and its own database, in a database
# server of the bench. The lab lends its downloads and keys and knows nothing of them. Runs as root.
#
# Site sAA-K is the account wpf-AA's, answers at 127.0.1.1AA:1820K and has the database wpf_AA_K.
set -eu
here=$(dirname "$(readlink -f "$0")")
LAB_ROOT=/var/lib/wpstate-lab
root=$LAB_ROOT/bench-fleet
socket=$root/run/mysqld.sock
database_port=13316
sshd_port=22222
accounts=$(seq -w 1 20)
seed=s01-0

sql() { mariadb --no-defaults --socket="$socket" "$@"; }
account() { printf 'wpf-%s' "$1"; }
home() { printf '%s/home/%s' "$root" "$(account "$1")"; }
address() { printf '127.0.1.1%s' "$1"; }
split() { # SITE: sets number and last
    number=${1#s} last=${1#*-}
    number=${number%-*}
}
place() { # SITE
    split "$1"
    printf '%s/www/%s' "$(home "$number")" "$1"
}
url() { # SITE
    split "$1"
    printf 'http://%s:1820%s' "$(address "$number")" "$last"
}
database() { # SITE
    split "$1"
    printf 'wpf_%s_%s' "$number" "$last"
}
wp() { # SITE ARGUMENT...
    split "$1"
    wp_place=$(place "$1")
    shift
    runuser -u "$(account "$number")" -- php -d memory_limit=512M "$LAB_ROOT/cache/wp-cli.phar" \
        --path="$wp_place" "$@"
}

# WordPress once for each account; the plugins that nobody changes are shared like it.
make_account() { # NUMBER
    name=$(account "$1") home=$(home "$1")
    id "$name" >/dev/null 2>&1 || useradd --home-dir "$home" --no-create-home --shell /bin/sh \
        --user-group --password '*' "$name"
    rm -rf "$home"
    install -d -m 711 "$home" "$home/www"
    cp -aT "$LAB_ROOT/cache/wordpress-7.1.1" "$home/core"
    n=0
    while [ "$n" -lt 10 ]; do
        n=$((n + 1))
        folder=$home/core/wp-content/plugins/bench-$n
        mkdir -p "$folder/inc"
        sed "s/NUMBER/$n/g" "$here/small_plugin.php" >"$folder/bench-$n.php"
        for part in 1 2 3 4 5 6 7 8; do
            printf '<?php\nfunction bench_%s_%s() { return "bench"; }\n' "$n" "$part" \
                >"$folder/inc/part-$part.php"
        done
    done
    chown -R "$name:$name" "$home"
    for last in 0 1 2 3 4 5 6 7 8 9; do
        site=s$1-$last
        cp -al "$home/core" "$home/www/$site"
        old_plugin "$site"
    done
}

make_database() { # SITE
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    name=$(database "$1")
    sql <<SQL
DROP DATABASE IF EXISTS $name;
CREATE DATABASE $name;
CREATE USER IF NOT EXISTS $name@127.0.0.1;
ALTER USER $name@127.0.0.1 IDENTIFIED BY '$password';
GRANT ALL ON $name.* TO $name@127.0.0.1;
SQL
    split "$1"
    config=$(place "$1")/wp-config.php
    cat >"$config" <<PHP
<?php
define( 'DB_NAME', '$name' );
define( 'DB_USER', '$name' );
define( 'DB_PASSWORD', '$password' );
define( 'DB_HOST', '127.0.0.1:$database_port' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as \$sort ) {
	define( \$sort . '_KEY', hash( 'sha256', '$password key ' . \$sort ) );
	define( \$sort . '_SALT', hash( 'sha256', '$password salt ' . \$sort ) );
}
\$table_prefix = 'wp_';
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
PHP
    chmod 640 "$config"
    chown "$(account "$number"):$(account "$number")" "$config"
}

# One site is installed; its tables, with another address of the same length, are all others'.
install_seed() {
    make_database "$seed"
    printf '%s\n' "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" | wp "$seed" core install --quiet \
        --skip-email --url="$(url "$seed")" --title='Bench fleet' --admin_user=agency \
        --admin_email=agency@example.test --prompt=admin_password >/dev/null
    wp "$seed" rewrite structure --quiet '/%postname%/'
    # shellcheck disable=SC2046  # the slugs are words
    wp "$seed" plugin activate --quiet lab-guestbook hello $(seq -f bench-%g 1 10)
    mariadb-dump --no-defaults --socket="$socket" "$(database "$seed")" >"$root/seed.sql"
}

fill_account() { # NUMBER
    for last in 0 1 2 3 4 5 6 7 8 9; do
        site=s$1-$last
        [ "$site" != "$seed" ] || continue
        make_database "$site"
        sed "s#$(url "$seed")#$(url "$site")#g" "$root/seed.sql" | sql "$(database "$site")"
    done
}

# The plugin as it was before the update; what wpstate remembers of the site goes with it.
old_plugin() { # SITE
    folder=$(place "$1")
    split "$1"
    plugins=$folder/wp-content/plugins
    key=$(printf %s "$folder" | sha256sum | cut -c 1-16)
    rm -rf "$plugins/lab-guestbook" "$(home "$number")/.wpstate/$key"
    unzip -q "$LAB_ROOT/wporg/plugins/lab-guestbook.1.0.zip" -d "$plugins"
    chown -R "$(account "$number"):$(account "$number")" "$plugins/lab-guestbook"
}

configure() {
    cat >"$root/etc/my.cnf" <<CNF
[mariadbd]
$(sed -n '/^skip-/p; /^character/p; /^collation/p; /^max_conn/p; /^performance/p; /^innodb/p; /^sync_frm/p' "$LAB_ROOT/etc/my.cnf")
datadir = $root/mysql
socket = $socket
pid-file = $root/run/mariadb.pid
log-error = $root/log/mariadb.log
bind-address = 127.0.0.1
port = $database_port
table_open_cache = 4000
CNF
    {
        printf 'user www-data;\nworker_processes 2;\npid %s/run/nginx.pid;\nerror_log %s/log/nginx.log;\nevents { worker_connections 1024; }\n' "$root" "$root"
        sed -n '/^http {/,/^    fastcgi_cache_path/p' "$LAB_ROOT/etc/nginx.conf" |
            sed "/fastcgi_cache_path/d; s#$LAB_ROOT/run#$root/run#"
        for number in $accounts; do
            for last in 0 1 2 3 4 5 6 7 8 9; do
                cat <<NGINX
    server {
        listen $(address "$number"):1820$last;
        root $(home "$number")/www/s$number-$last;
        index index.php;
        access_log off;
        location / { try_files \$uri \$uri/ /index.php?\$args; }
        location ~ \\.php\$ { try_files \$uri =404; fastcgi_pass unix:$root/run/php-$number.sock; }
    }
NGINX
            done
        done
        echo '}'
    } >"$root/etc/nginx.conf"
    for number in $accounts; do
        sed -e "s#$LAB_ROOT/run/php-shop#$root/run/php-$number#; s#$LAB_ROOT/log/php-shop#$root/log/php-$number#" \
            -e "s#wpl-duo#$(account "$number")#; s#\[shop\]#[fleet-$number]#; /sendmail_path/d" \
            "$LAB_ROOT/etc/php-shop.conf" >"$root/etc/php-$number.conf"
    done
    # Two of them: sshd listens at 16 addresses at most.
    for half in 0 1; do
        {
            for number in $accounts; do
                if [ "$((${number#0} % 2))" = "$half" ]; then
                    echo "ListenAddress $(address "$number")"
                fi
            done
            sed -e '/^ListenAddress/d; /^#/,$d' -e "s#^Port .*#Port $sshd_port#" \
                -e "s#^PidFile .*#PidFile $root/run/sshd-$half.pid#; s#^AllowUsers .*#AllowUsers wpf-*#" \
                "$LAB_ROOT/etc/sshd_config"
        } >"$root/etc/sshd-$half"
    done
}

inputs() { cat "$here/many_sites.sh" "$here/small_plugin.php" "$LAB_ROOT/cache/fetched" | sha256sum; }

at_once() { # VERB: for each account, as many as there are cores
    # shellcheck disable=SC2086  # the numbers are words
    printf '%s\n' $accounts | xargs -P "$(nproc)" -n 1 "$here/many_sites.sh" "$1"
}

build() {
    [ "$(inputs)" != "$(cat "$root/built" 2>/dev/null)" ] || return 0
    echo 'bench: building its fleet of 200 sites, once' >&2
    stop
    rm -rf "$root"
    install -d -m 755 "$root" "$root/etc" "$root/run" "$root/log" "$root/home"
    install -d -m 750 -o mysql -g mysql "$root/mysql"
    chgrp mysql "$root/run" "$root/log"
    chmod 775 "$root/run" "$root/log"
    configure
    mariadb-install-db --defaults-file="$root/etc/my.cnf" --user=mysql \
        --auth-root-authentication-method=socket --skip-test-db >/dev/null
    start_database
    at_once make-account
    install_seed
    at_once fill-account
    stop
    inputs >"$root/built"
}

start_database() {
    setsid mariadbd --defaults-file="$root/etc/my.cnf" --user=mysql </dev/null >/dev/null 2>&1 &
    waited=0
    until mariadb-admin --no-defaults --socket="$socket" --silent ping >/dev/null 2>&1; do
        waited=$((waited + 1))
        [ "$waited" -lt 300 ] || { echo "bench: no database; see $root/log" >&2 && return 1; }
        sleep 0.1
    done
}

start() {
    stop
    start_database
    for number in $accounts; do
        php-fpm8.2 --fpm-config "$root/etc/php-$number.conf" -d opcache.memory_consumption=128
    done
    nginx -c "$root/etc/nginx.conf" 2>/dev/null
    install -d -m 755 /run/sshd
    for half in 0 1; do /usr/sbin/sshd -f "$root/etc/sshd-$half"; done
}

# Each server by its own pid file, and only where that process is still ours.
stop() {
    for file in "$root"/run/*.pid; do
        pid=$(cat "$file" 2>/dev/null) || continue
        if grep -saq "$root" "/proc/$pid/cmdline"; then
            kill "$pid"
            waited=0
            while [ -e "/proc/$pid" ] && [ "$waited" -lt 100 ]; do
                waited=$((waited + 1))
                sleep 0.1
            done
        fi
        rm -f "$file"
    done
}

clean() {
    stop
    rm -rf "$root"
    for number in $accounts; do userdel "$(account "$number")" 2>/dev/null || true; done
}

verb=${1:-}
[ $# = 0 ] || shift
case $verb in
    build | start | stop | clean) "$verb" ;;
    make-account) make_account "$1" ;;
    fill-account) fill_account "$1" ;;
    old-plugin)
        for site; do
            old_plugin "$site"
            # What the update adds, so that each round's update does the same.
            echo "ALTER TABLE $(database "$site").wp_guestbook DROP COLUMN IF EXISTS website;"
        done | sql
        ;;
    # A must-use plugin that keeps every page of this site waiting.
    slow)
        split "$1"
        folder=$(place "$1")/wp-content/mu-plugins
        mkdir -p "$folder"
        printf '<?php\nusleep( 1500000 );\n' >"$folder/bench-slow.php"
        chown -R "$(account "$number"):$(account "$number")" "$folder"
        ;;
    fast) rm -rf "$(place "$1")/wp-content/mu-plugins" ;;
    *) exit 64 ;;
esac
