#!/bin/sh
# shellcheck shell=sh
# build-site.sh SITE <wp-config.php: builds one site as its environment says (see
# roles/lab_site/tasks), then keeps its files and its tables as the pristine copy that `script/lab reset` returns to.
set -eu
site=$1
here=$(dirname "$(readlink -f "$0")")
pristine=$LAB_ROOT/pristine/$site
socket=$LAB_ROOT/run/mysqld.sock
database_password=$(cat "$LAB_ROOT/keys/db-$DATABASE")
guestbook=$LAB_ROOT/wporg/plugins/lab-guestbook.1.0.zip
umask 022

config=$(cat)
inputs=$({
    env | grep -E '^(ACCOUNT|CORE|SITE_ROOT|WP_PATH|LAYOUT|TRAITS|DATABASE|TABLE_PREFIX|URL|TITLE)=' | sort
    printf '%s\n' "$config"
    cat "$here"/* "$LAB_ROOT/cache/fetched"
    if [ -e "$guestbook" ]; then cat "$guestbook"; fi
} | sha256sum)
if [ "$inputs" = "$(cat "$pristine/built" 2>/dev/null)" ]; then
    echo unchanged
    exit 0
fi

as_account() { runuser -u "$ACCOUNT" -- "$@"; }
wp() { as_account php -d memory_limit=512M "$LAB_ROOT/cache/wp-cli.phar" --path="$WP_PATH" "$@"; }
sql() { mariadb --no-defaults --socket="$socket" "$@"; }
has_trait() { case " $TRAITS " in *" $1 "*) true ;; *) false ;; esac; }

"$here/../../../script/lab" stop "php-$site" # and with it the OPcache
rm -rf "$pristine" "$SITE_ROOT"
mkdir -p "$(dirname "$WP_PATH")" "$SITE_ROOT" "$pristine"
cp -aT "$LAB_ROOT/cache/wordpress-$CORE" "$WP_PATH"
# The older akismet on every site, so that an update is always to be had.
rm -r "$WP_PATH/wp-content/plugins/akismet"
cp -a "$LAB_ROOT/cache/wordpress-$OLDER/wp-content/plugins/akismet" "$WP_PATH/wp-content/plugins/"
if [ -e "$guestbook" ]; then unzip -q "$guestbook" -d "$WP_PATH/wp-content/plugins"; fi
if has_trait redis_object_cache; then
    redis-cli -p "$REDIS_PORT" flushall >/dev/null
    cp "$here/object-cache.php" "$WP_PATH/wp-content/"
fi
printf '%s\n' "$config" >"$SITE_ROOT/wp-config.php"
chmod 640 "$SITE_ROOT/wp-config.php"
chown -R "$ACCOUNT:$ACCOUNT" "$SITE_ROOT"
if [ "$LAYOUT" = getenv ]; then
    secrets=$LAB_ROOT/homes/$ACCOUNT/secrets
    install -d -m 700 -o "$ACCOUNT" -g "$ACCOUNT" "$secrets"
    cat >"$secrets/db.php" <<PHP
<?php
// The pool sets these for web requests; on the command line nobody has.
foreach ( array( 'LAB_DB_NAME', 'LAB_DB_USER' ) as \$name ) {
	if ( false === getenv( \$name ) ) {
		putenv( \$name . '=$DATABASE' );
	}
}
define( 'DB_PASSWORD', '$database_password' );
PHP
    chmod 600 "$secrets/db.php"
    chown "$ACCOUNT:$ACCOUNT" "$secrets/db.php"
fi
touch "$LAB_ROOT/log/mail/$site"
chown "$ACCOUNT:$ACCOUNT" "$LAB_ROOT/log/mail/$site"

sql <<SQL
CREATE DATABASE IF NOT EXISTS $DATABASE;
CREATE USER IF NOT EXISTS $DATABASE@localhost, $DATABASE@127.0.0.1;
ALTER USER $DATABASE@localhost IDENTIFIED BY '$database_password', $DATABASE@127.0.0.1 IDENTIFIED BY '$database_password';
GRANT ALL ON $DATABASE.* TO $DATABASE@localhost, $DATABASE@127.0.0.1;
SQL
"$here/site-tables.sh" drop "$site" "$LAB_ROOT"
password=$(head -c 18 /dev/urandom | base64)
wp core install --skip-email --url="$URL" --title="$TITLE" \
    --admin_user=agency --admin_email=agency@example.test --prompt=admin_password >/dev/null <<PASSWORD
$password
PASSWORD
wp eval-file - <"$here/content.php"

# What is still as it was downloaded is linked to the download, which nobody writes to.
core_in_site=${WP_PATH#"$SITE_ROOT"}
mkdir -p "$pristine/files$core_in_site"
rsync -a --no-owner --no-group --link-dest="$LAB_ROOT/cache/wordpress-$CORE" "$WP_PATH/" "$pristine/files$core_in_site/"
if [ -n "$core_in_site" ]; then cp -p "$SITE_ROOT/wp-config.php" "$pristine/files/"; fi
"$here/site-tables.sh" dump "$site" "$LAB_ROOT" >"$pristine/tables.sql"
if has_trait odd_tables; then
    sql "$DATABASE" <"$here/odd-tables.sql"
    cat "$here/odd-tables.sql" >>"$pristine/tables.sql"
fi
printf '%s\n' "$inputs" >"$pristine/built"
echo built
