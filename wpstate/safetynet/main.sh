# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The verbs. `sh net.sh VERB …`; data comes by stdin or from files beside the program.

verb=${1:-}
[ $# -eq 0 ] || shift
case $verb in
    acquire) acquire ;;
    copy_code) copy_code ;;
    place_beacon) place_beacon "$1" "$2" ;;
    remove_beacon) remove_beacon ;;
    freeze) freeze "$1" "$2" ;;
    drain) drain "$1" ;;
    snapshot) snapshot ;;
    tree_changes) tree_changes ;;
    changed_tables) changed_tables "$1" ;;
    restore)
        claim_rollback "$1"
        restore "$1" "$2"
        ;;
    snapshots) list_snapshots ;;
    confirm) confirm ;;
    record) record ;;
    thaw) thaw ;;
    release) release ;;
    watchdog) watchdog ;;
    *) fail net.usage "no such verb" ;;
esac
say end ok
