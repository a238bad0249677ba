#!/bin/sh
# shellcheck shell=sh
# lab-killer.sh ACCOUNT PIDFILE: ends what an account left running after its session, as many hosters
# do. What its SSH sessions and its web server run is left alone. script/lab starts and stops it.
set -eu
account=$1
echo "$$" >"$2"
while sleep 0.1; do
    ps -o pid=,ppid=,comm= -u "$account" | awk '
        { parent[$1] = $2; name[$1] = $3 }
        END {
            for (process in parent) {
                top = process
                while (parent[top] in parent) top = parent[top]
                if (parent[top] == 1 && name[top] !~ /^(sshd|php-fpm)/) print process
            }
        }' | while read -r process; do kill -KILL "$process" 2>/dev/null || true; done
done
