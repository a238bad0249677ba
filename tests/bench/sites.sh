#!/bin/sh
# shellcheck shell=sh
# sites.sh build|build-huge|start|stop|old-plugin SITE|drop-huge|clean: the sites that script/bench
# measures, `small`, `heavy` and, where asked for, `huge` with a database of 4 GB, in an account of
# their own behind servers of their own. The lab lends its database
# server and its downloads, and knows nothing of them. Runs as root.
set -eu
here=$(dirname "$(readlink -f "$0")")
LAB_ROOT=/var/lib/wpstate-lab
root=$LAB_ROOT/bench
account=wpl-bench
home=$root/home
sites='small heavy huge'

port() { case $1 in small) echo 18121 ;; heavy) echo 18122 ;; huge) echo 18123 ;; esac; }
sql() { mariadb --no-defaults --socket="$LAB_ROOT/run/mysqld.sock" "$@"; }
wp() { # SITE ARGUMENT...
    wp_site=$1
    shift
    runuser -u "$account" -- php -d memory_limit=512M "$LAB_ROOT/cache/wp-cli.phar" \
        --path="$home/www/$wp_site" "$@"
}

make_account() {
    id "$account" >/dev/null 2>&1 || useradd --home-dir "$home" --no-create-home --shell /bin/sh \
        --user-group --password '*' "$account"
    install -d -m 755 "$root" "$root/etc" "$root/run" "$root/log"
    install -d -m 711 -o "$account" -g "$account" "$home"
    install -d -m 755 -o "$account" -g "$account" "$home/www"
}

make_site() { # SITE
    site=$1
    place=$home/www/$site
    database=wpl_bench_$site
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    rm -rf "$place"
    cp -aT "$LAB_ROOT/cache/wordpress-7.1.1" "$place"
    old_plugin "$site"
    chown -R "$account:$account" "$place"
    sql <<SQL
DROP DATABASE IF EXISTS $database;
CREATE DATABASE $database;
CREATE USER IF NOT EXISTS $database@127.0.0.1;
ALTER USER $database@127.0.0.1 IDENTIFIED BY '$password';
GRANT ALL ON $database.* TO $database@127.0.0.1;
SQL
    printf '%s\n' "$password" | wp "$site" config create --quiet --dbname="$database" \
        --dbuser="$database" --dbhost=127.0.0.1:33306 --dbprefix=wp_ --prompt=dbpass \
        --extra-php="define( 'DISABLE_WP_CRON', true ); define( 'WP_HTTP_BLOCK_EXTERNAL', true );" >/dev/null
    printf '%s\n' "$password" | wp "$site" core install --quiet --skip-email \
        --url="http://127.0.0.1:$(port "$site")" --title="Bench $site" --admin_user=agency \
        --admin_email=agency@example.test --prompt=admin_password >/dev/null
    wp "$site" rewrite structure --quiet '/%postname%/'
    wp "$site" plugin activate --quiet lab-guestbook
}

# 40 plugins, about 300 MB of tables, 5,000 uploads.
make_heavy() {
    place=$home/www/heavy
    n=0
    slugs=
    while [ "$n" -lt 37 ]; do
        n=$((n + 1))
        slug=bench-$n
        slugs="$slugs $slug"
        mkdir -p "$place/wp-content/plugins/$slug/inc"
        sed "s/NUMBER/$n/g" "$here/small_plugin.php" >"$place/wp-content/plugins/$slug/$slug.php"
        part=0
        while [ "$part" -lt 40 ]; do
            part=$((part + 1))
            printf '<?php\nfunction bench_%s_%s() { return "%s"; }\n' "$n" "$part" "$slug" \
                >"$place/wp-content/plugins/$slug/inc/part-$part.php"
        done
    done
    python3 "$here/heavy_uploads.py" "$place/wp-content/uploads"
    chown -R "$account:$account" "$place"
    # shellcheck disable=SC2086  # the slugs are words
    wp heavy plugin activate --quiet hello $slugs
    sql wpl_bench_heavy <"$here/heavy_tables.sql" >/dev/null
}

# The plugin as it was before the update; what wpstate remembers of the site goes with it.
old_plugin() { # SITE
    plugins=$home/www/$1/wp-content/plugins
    rm -rf "$plugins/lab-guestbook" "$home/.wpstate/$(state_key "$1")"
    unzip -q "$LAB_ROOT/wporg/plugins/lab-guestbook.1.0.zip" -d "$plugins"
    chown -R "$account:$account" "$plugins/lab-guestbook"
}

configure() {
    sed -n '/^http {/,/^    fastcgi_cache_path/p' "$LAB_ROOT/etc/nginx.conf" |
        sed "/fastcgi_cache_path/d; s#$LAB_ROOT/run#$root/run#" >"$root/etc/http.part"
    {
        printf 'user www-data;\nworker_processes 2;\npid %s/run/nginx.pid;\nerror_log %s/log/nginx.log;\nevents {}\n' "$root" "$root"
        cat "$root/etc/http.part"
        for site in $sites; do
            cat <<NGINX
    server {
        listen 127.0.0.1:$(port "$site");
        root $home/www/$site;
        index index.php;
        access_log off;
        location / { try_files \$uri \$uri/ /index.php?\$args; }
        location ~ \\.php\$ { try_files \$uri =404; fastcgi_pass unix:$root/run/php.sock; }
    }
NGINX
        done
        echo '}'
    } >"$root/etc/nginx.conf"
    sed -e "s#$LAB_ROOT/run/php-shop#$root/run/php#; s#$LAB_ROOT/log/php-shop#$root/log/php#" \
        -e "s#wpl-duo#$account#; s#\[shop\]#[bench]#; /sendmail_path/d" \
        "$LAB_ROOT/etc/php-shop.conf" >"$root/etc/php.conf"
    sed -e "s#^Port .*#Port 22122#; s#^PidFile .*#PidFile $root/run/sshd.pid#" \
        -e "s#^AllowUsers .*#AllowUsers $account#" "$LAB_ROOT/etc/sshd_config" >"$root/etc/sshd_config"
}

build() {
    inputs=$(cat "$here/sites.sh" "$here"/heavy_* "$here/small_plugin.php" "$LAB_ROOT/cache/fetched" | sha256sum)
    [ "$inputs" != "$(cat "$root/built" 2>/dev/null)" ] || return 0
    echo 'bench: building its two sites, once' >&2
    make_account
    rm -f "$root/built"
    for site in small heavy; do make_site "$site"; done
    make_heavy
    configure
    printf '%s\n' "$inputs" >"$root/built"
}

# Minutes, and 5 GB of disk.
build_huge() {
    [ ! -e "$root/built-huge" ] || return 0
    echo 'bench: filling a database with 4 GB' >&2
    make_site huge
    sql wpl_bench_huge <"$here/huge_tables.sql" >/dev/null
    : >"$root/built-huge"
}

drop_huge() {
    rm -rf "$root/built-huge" "$home/www/huge" "$home/.wpstate/$(state_key huge)"
    sql -e 'DROP DATABASE IF EXISTS wpl_bench_huge; DROP USER IF EXISTS wpl_bench_huge@127.0.0.1;'
}

state_key() { printf %s "$home/www/$1" | sha256sum | cut -c 1-16; }

start() {
    stop
    php-fpm8.2 --fpm-config "$root/etc/php.conf" -d opcache.memory_consumption=128
    nginx -c "$root/etc/nginx.conf" 2>/dev/null
    install -d -m 755 /run/sshd
    /usr/sbin/sshd -f "$root/etc/sshd_config"
}

stop() {
    for server in nginx php sshd; do
        pid=$(cat "$root/run/$server.pid" 2>/dev/null) || continue
        grep -saq "$root" "/proc/$pid/cmdline" && kill "$pid"
        rm -f "$root/run/$server.pid"
    done
    waited=0
    while pgrep -u "$account" -x php-fpm8.2 >/dev/null 2>&1 && [ "$waited" -lt 50 ]; do
        waited=$((waited + 1))
        sleep 0.1
    done
}

clean() {
    stop
    for site in $sites; do
        sql -e "DROP DATABASE IF EXISTS wpl_bench_$site; DROP USER IF EXISTS wpl_bench_$site@127.0.0.1;"
    done
    rm -rf "$root"
    userdel "$account" 2>/dev/null || true
}

case ${1:-} in
    build) build ;;
    build-huge) build_huge ;;
    drop-huge) drop_huge ;;
    start) start ;;
    stop) stop ;;
    old-plugin)
        old_plugin "$2"
        # What the update adds, so that each round's update does the same.
        sql -e "ALTER TABLE wpl_bench_$2.wp_guestbook DROP COLUMN IF EXISTS website"
        ;;
    clean) clean ;;
    *) exit 64 ;;
esac
