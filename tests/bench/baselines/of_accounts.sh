#!/bin/sh
# shellcheck shell=sh
# of_accounts.sh open|close|nine|eval|floor SSH_CONFIG CONTROL_FOLDER WP_CLI AT_ONCE <ACCOUNTS: the usual ways to learn
# what `wpstate observe` learns, of many accounts at once. A line of ACCOUNTS is a host of SSH_CONFIG and
# the folders of its sites. `nine` and `eval` use connections that `open` made (ssh_config(5),
# ControlMaster), one for each account; `floor` opens its own, as wpstate does. What the calls print
# is thrown away; that they succeed is not.
set -eu
verb=$1 config=$2 control=$3 wp_cli=$4 at_once=$5
here=$(dirname "$(readlink -f "$0")")

line() { ssh -F "$config" -o ControlPath="$control/%r" "$@"; }

of_account() { # HOST FOLDER...
    host=$1
    shift
    case $verb in
        open) line -o ControlMaster=yes -o ControlPersist=600 -fN "$host" ;;
        close) line -O exit "$host" 2>/dev/null || true ;;
        nine)
            for wp_path; do
                for call in 'core version' 'config get table_prefix' 'option get db_version' \
                    'option get siteurl' 'option get blog_public' \
                    'option get active_plugins --format=json' \
                    'plugin list --format=json --skip-update-check' \
                    'theme list --format=json --skip-update-check' \
                    'db tables --all-tables --format=csv'; do
                    line -n "$host" "php $wp_cli --path=$wp_path $call" >/dev/null
                done
            done
            ;;
        eval)
            for wp_path; do
                line "$host" "php $wp_cli --path=$wp_path eval-file -" \
                    <"$here/one_eval_file.php" >/dev/null
            done
            ;;
        floor)
            code=$(sed "s/'/'\\\\''/g" "$here/floor.php")
            ssh -n -F "$config" "$host" "exec php -r '$code' -- $*" >/dev/null
            ;;
    esac
}

if [ "$#" -gt 5 ]; then
    shift 5
    of_account "$@"
else
    xargs -P "$at_once" -L 1 "$0" "$@"
fi
