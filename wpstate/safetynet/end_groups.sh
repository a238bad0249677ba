# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Ends what a playbook's scripts have started and left at work: `sh -s -- RUN_FOLDER`.

[ -f "$1/pgid" ] || exit 0
while read -r noted noted_start noted_boot; do
    if is_group "$noted" "$noted_start" "$noted_boot"; then kill -s KILL -- "-$noted" 2>/dev/null; fi
done <"$1/pgid"
rm -f -- "$1/pgid"
