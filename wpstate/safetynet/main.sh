# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# The verbs. `sh net.sh VERB …`; data comes by stdin or from files beside the program.

run_verb() {
    verb=${1:-}
    [ $# -eq 0 ] || shift
    case $verb in
        acquire) acquire ;;
        beat) require_lock ;;
        copy_code) copy_code ;;
        note_known)
            require_lock
            note_known "$@"
            ;;
        name_tables) name_tables "$@" ;;
        copy_tables) copy_tables "$@" ;;
        place_beacon)
            require_lock
            beacon_name=$1 beacon_sum=$2
            shift 2
            note_caches "$@"
            place_beacon "$beacon_name" "$beacon_sum"
            ;;
        empty_caches)
            require_lock
            empty_caches
            ;;
        remove_beacon) remove_beacon ;;
        freeze)
            require_lock
            note_manner "${3:-}"
            begin_notes
            freeze "$1" "$2"
            # Visitors come in: nothing is to be watched, and no table rewound whole.
            [ "${3:-}" != open ] || rm -f -- "$run_dir/closed_at"
            ;;
        drain)
            drain "$1"
            [ -s "$run_dir/drain.left" ] || note_proof "${2:-}"
            ;;
        snapshot)
            [ "$(manner)" != open ] || : >"$snapshot/open"
            snapshot
            require_freeze
            ;;
        stream_dump)
            stream_dump
            exit 0
            ;;
        tree_changes) tree_changes ;;
        changed_tables) changed_tables "$1" ;;
        restore)
            claim_rollback "$1" "$2"
            restore "$1" "$2"
            ;;
        restore_part) restore_part "$1" "$2" "${3:-}" ;;
        bring) bring "$1" "$2" ;;
        put_in) put_in "$1" ;;
        last_change) last_change "$1" ;;
        holds) holds "$1" "$2" ;;
        snapshots) list_snapshots ;;
        confirm) confirm ;;
        record) record ;;
        thaw) thaw ;;
        hold) hold ;;
        hand_over) hand_over ;;
        release) release ;;
        leave_nothing) leave_nothing ;;
        recover) recover "$1" "$2" "${3:-}" ;;
        watchdog) watchdog ;;
        cron) cron ;;
        attend) attend "$@" ;;
        answering) answering "$@" ;;
        *) fail net.usage "no such verb" ;;
    esac
}

run_verb "$@"
say end ok
