#!/bin/sh
# shellcheck shell=sh
# make-keys.sh LAB_ROOT PORT: the host's key, the controller's key, and what each must know of
# the other. script/lab hands the controller's side to the person who called it.
set -eu
root=$1 port=$2
keys=$root/keys
for key in host controller; do
    [ -e "$keys/${key}_ed25519" ] ||
        ssh-keygen -q -t ed25519 -N '' -C "wpstate lab $key" -f "$keys/${key}_ed25519"
done
install -m 644 "$keys/controller_ed25519.pub" "$keys/authorized_keys"
install -d -m 755 /run/sshd
install -d -m 700 "$root/controller"
{
    printf '[127.0.0.1]:%s ' "$port"
    cut -d ' ' -f 1,2 "$keys/host_ed25519.pub"
} >"$root/controller/known_hosts"
