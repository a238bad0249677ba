# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Who holds the site, and what of that run still lives on this host. Shared by the run's own
# program and by look.sh, which reads a site that another run holds. Only this host's clock counts.

# Sets held_*; 1 where nobody holds the site. The epoch counts each time the lock was taken over:
# a folder in the lock that carries the lock's nonce, so that it can never count for another lock.
read_holder() {
    held_run='' held_nonce='' held_first=0 held_epoch=0 held_by='' held_since=0 held_machine='' held_process=''
    [ -f "$state/lock/info" ] || return 1
    while IFS='=' read -r held_key held_value; do
        case $held_key in
            run) held_run=$held_value ;;
            nonce) held_nonce=$held_value ;;
            epoch) held_first=$held_value ;;
            controller) held_by=$held_value ;;
            since) held_since=$held_value ;;
            machine) held_machine=$held_value ;;
            process) held_process=$held_value ;;
        esac
    done <"$state/lock/info" 2>/dev/null
    held_epoch=$held_first
    while [ -d "$state/lock/taken.$held_nonce.$((held_epoch - held_first + 1))" ]; do
        held_epoch=$((held_epoch + 1))
    done
    [ -n "$held_run" ] && [ -n "$held_nonce" ]
}

heartbeat_age() { # run: seconds since its controller was last heard of
    first_line "$state/runs/$1/heartbeat"
    case $first_line in '' | *[!0-9]*) first_line=0 ;; esac
    echo $(($(date +%s) - first_line))
}

read_group() { # process: sets group and start; 1 where it is gone or a zombie
    # The name in the second field may hold anything: what follows its last parenthesis counts.
    read -r group <"/proc/$1/stat" 2>/dev/null || return 1
    # shellcheck disable=SC2086 # fields
    set -- ${group##*) }
    group=$3
    start=${20}
    [ "$1" != Z ]
}

# Whether a process group is the one that a playbook's script wrote down (playbooks/files/answer.php).
# Numbers are given again, at the latest after a reboot; not while a process of the group lives.
is_group() { # number, tick in which its leader began, boot
    case $1 in '' | *[!0-9]* | 0 | 1) return 1 ;; esac
    boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) || boot=-
    [ "$3" = "$boot" ] && kill -s 0 -- "-$1" 2>/dev/null || return 1
    ! read_group "$1" || [ "$start" = "$2" ]
}

# Process groups at work for a run: verbs, a watchdog, a restore, a playbook's scripts. Not our
# own, and not those that only wait for a verb's answer.
living() { # run
    read_group self || return 0
    own_group=$group
    grep -lF -- "/runs/$1/net.sh" /proc/[0-9]*/cmdline 2>/dev/null | while IFS=/ read -r _ _ process _; do
        { kill -0 "$process" && read_group "$process"; } 2>/dev/null || continue
        [ "$group" != "$own_group" ] || continue
        case $(tr '\000' ' ' <"/proc/$process/cmdline" 2>/dev/null) in
            *'/net.sh attend '* | '') ;;
            *) echo "$group" ;;
        esac
    done | sort -u
    while read -r noted noted_start noted_boot; do
        if is_group "$noted" "$noted_start" "$noted_boot"; then echo "$noted"; fi
    done 2>/dev/null <"$state/runs/$1/pgid"
    return 0
}

# The controller refreshes its heartbeat each half minute; ten minutes allow for a long line cut.
abandoned_after_s=600
