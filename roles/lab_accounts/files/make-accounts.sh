#!/bin/sh
# shellcheck shell=sh
# make-accounts.sh LAB_ROOT ACCOUNT…: the lab's folders and login accounts.
set -eu
root=$1
shift
umask 022
install -d -m 755 "$root" "$root/etc" "$root/log" "$root/log/mail" "$root/homes" "$root/keys" "$root/pristine"
install -d -m 775 -g mysql "$root/run"
install -d -m 755 -o redis -g redis "$root/run/redis"
for account; do
    home=$root/homes/$account
    if ! id "$account" >/dev/null 2>&1; then
        # '*' and not '!': sshd takes a locked password for a locked account.
        useradd --home-dir "$home" --no-create-home --shell /bin/sh --user-group \
            --password '*' "$account"
        echo "made $account"
    fi
    install -d -m 711 -o "$account" -g "$account" "$home"
    install -d -m 755 -o "$account" -g "$account" "$home/www"
done
