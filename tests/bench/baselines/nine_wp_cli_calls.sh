#!/bin/sh
# shellcheck shell=sh
# nine_wp_cli_calls.sh SSH_CONFIG WP_PATH WP_CLI: what `wpstate plan` learns of the host `site`, asked
# the usual way: nine calls of WP-CLI over one multiplexed SSH connection (ssh_config(5),
# ControlMaster). What the calls print is thrown away; that they succeed is not.
set -eu
config=$1 wp_path=$2 wp_cli=$3
folder=$(mktemp -d)
line() { ssh -F "$config" -o ControlPath="$folder/line" "$@"; }
# The connection goes at the end: each round opens its own, as each `wpstate plan` does.
trap 'line -O exit site 2>/dev/null; rm -rf "$folder"' EXIT

wp() {
    line -o ControlMaster=auto -o ControlPersist=60 site "php $wp_cli --path=$wp_path $*" >/dev/null
}

wp core version
wp config get table_prefix
wp option get db_version
wp option get siteurl
wp option get blog_public
wp option get active_plugins --format=json
wp plugin list --format=json --skip-update-check
wp theme list --format=json --skip-update-check
wp db tables --all-tables --format=csv
