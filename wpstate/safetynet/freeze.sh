# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Freeze and thaw: WordPress's own .maintenance, and the beacon beside wp-load.php.
#
# Both are constant PHP with one last line of facts. They are written beside their place and
# renamed into it; the web server may run as another account, so they carry wp-load.php's mode.

with_facts() { # php file, unix time, sha256 of the token
    cat "$1" && printf '# wpstate {"at":%s,"token_sha256":"%s","run":"%s","notes":"%s"%s}\n' "$2" "$3" "$run" \
        "$(wrote_table)" "$(case $1 in */beacon.php) purge_facts ;; *) [ ! -e "$run_dir/manner" ] || cat "$run_dir/manner" ;; esac)"
}

place_php() { # target; content from stdin
    placed=$wp/.wpstate-$run-$$
    cat >"$placed" && { chmod --reference="$wp/wp-load.php" "$placed" 2>/dev/null || chmod 644 "$placed"; } &&
        durable "$placed" && mv -f -- "$placed" "$1" && return 0
    rm -f -- "$placed"
    return 1
}

# What was being written when its process was ended.
sweep_placed() {
    rm -f -- "$wp/.wpstate-$run-"[0-9]*
    # A wp-config.php that was being written as its writer died.
    [ -z "$config" ] || rm -f -- "${config%/*}/.wpstate-config-"*
}

is_hex() { # text length
    [ "${#1}" -eq "$2" ] && case $1 in *[!0-9a-f]*) false ;; esac
}

ours() { # a file that the safety net wrote; sets its last_line
    last_line=
    [ -f "$1" ] && [ ! -L "$1" ] && last_line=$(tail -n 1 "$1" 2>/dev/null) || return 1
    case $last_line in '# wpstate {'*) ;; *) return 1 ;; esac
}

# Core ends a freeze ten minutes after the time that the file names (wp_is_maintenance_mode()).
foreign_freeze() {
    { [ -e "$maintenance" ] || [ -L "$maintenance" ]; } && ! ours "$maintenance"
}

freeze() { # sha256 of the token, seconds until the watchdog restores
    require_lock
    is_hex "$1" 64 || fail net.usage "not a sha256"
    require_watchdog
    begin freeze "$2 s"
    rm -f -- "$run_dir/thawed" "$run_dir/opened"
    now_s=$(date +%s)
    # The watchdog must be at it, and have renewed the file, before core would let visitors in.
    budget_s=$2
    [ "$budget_s" -le 540 ] || budget_s=540
    if foreign_freeze; then
        since_s=$(stat -c %Y -- "$maintenance" 2>/dev/null || echo "$now_s")
        named_s=$(sed -n 's/.*\$upgrading *= *\([0-9]\{1,12\}\).*/\1/p' "$maintenance" 2>/dev/null | head -n 1)
        [ "${named_s:-0}" -gt "$since_s" ] && since_s=$named_s
        [ $((now_s - since_s)) -ge 600 ] ||
            fail freeze.foreign "somebody else's .maintenance has been there for $((now_s - since_s)) s"
        mkdir -p -- "$run_dir/old" && mv -- "$maintenance" "$run_dir/old/maintenance.foreign" ||
            fail freeze.failed "an old .maintenance cannot be moved away"
    fi
    keep_holding_page
    replace_lines "$run_dir/token_sha256" "$1" "$run_dir/frozen_at" "$now_s" \
        "$run_dir/deadline" "$((now_s + budget_s))" || no_room
    with_facts "$run_dir/maintenance.php" "$now_s" "$1" | place_php "$maintenance" ||
        fail freeze.failed ".maintenance cannot be written into $wp"
    date +%s.%N >"$run_dir/closed_at"
    finish
    say frozen_at "$now_s"
    say deadline "$((now_s + budget_s))"
    [ -z "$held" ] || say held yes
}

# An earlier run left visitors a holding page (hold). It comes back unless this run is confirmed, and
# until then nobody is let in, also where the site's file says `freeze: off`.
keep_holding_page() {
    held=
    if ours "$maintenance" && ! our_freeze && case $last_line in *'"manner":"hold"'*) ;; *) false ;; esac then
        mkdir -p -- "$run_dir/old" && cp -p -- "$maintenance" "$run_dir/old/maintenance.held" ||
            no_room
    fi
    [ -e "$run_dir/old/maintenance.held" ] || return 0
    held=yes
    [ "$(manner)" != open ] || note_manner hold
}

# Whether visitors were kept out from the freeze until now. WordPress's own updates delete the
# file, and core lets everybody in once its time is ten minutes old. Once no, always no: what
# visitors then wrote must not be rewound.
freeze_held() {
    [ -e "$run_dir/closed_at" ] && [ ! -e "$run_dir/thawed" ] && [ ! -e "$run_dir/opened" ] || return 1
    if ours "$maintenance"; then
        named_s=$(tail -n 1 "$maintenance" | sed -n 's/.*"at":\([0-9]\{1,12\}\).*/\1/p')
        [ $(($(date +%s) - ${named_s:-0})) -lt 600 ] && return 0
    fi
    # A thaw says so before it removes the file.
    [ ! -e "$run_dir/thawed" ] || return 1
    date +%s.%N >"$run_dir/opened"
    held_phase=$phase
    phase=freeze
    journal fail "freeze.lost .maintenance was gone or too old: visitors may have come in"
    phase=$held_phase
    return 1
}

require_freeze() {
    [ ! -e "$run_dir/closed_at" ] || freeze_held ||
        fail freeze.lost "something else removed .maintenance, as WordPress's own updates do"
}

# The file again, with a new time, whoever removed it.
renew_freeze() {
    [ -e "$run_dir/closed_at" ] && [ ! -e "$run_dir/thawed" ] || return 0
    freeze_held || :
    with_facts "$run_dir/maintenance.php" "$(date +%s)" "$(cat "$run_dir/token_sha256")" |
        place_php "$maintenance"
    # A thaw in this very moment has looked for a file that was not there yet.
    if [ -e "$run_dir/thawed" ]; then rm -f -- "$maintenance"; fi
}

# Between the attempts on a site that cannot be put back its freeze ends where it would have ended,
# ten minutes after it began: a page that may be broken is better than none for a day.
stop_renewing() {
    ours "$maintenance" || return 0
    with_facts "$run_dir/maintenance.php" "$(cat "$run_dir/frozen_at")" "$(cat "$run_dir/token_sha256")" |
        place_php "$maintenance"
}

# Each second, by the watchdog and during a restore.
watch_freeze() {
    [ -e "$run_dir/closed_at" ] || return 0
    ours "$maintenance" || renew_freeze
}

# Core stops honouring the file after ten minutes; a restore must not run in the open.
keep_frozen() { # runs in the background until it is ended, or its parent is gone
    exec </dev/null >/dev/null 2>&1
    kept_s=0
    while sleep 1 && kill -0 "$$"; do
        kept_s=$((kept_s + 1))
        if [ $((kept_s % 60)) -eq 0 ]; then renew_freeze; else watch_freeze; fi
    done
}

place_beacon() { # name, sha256 of the token
    require_lock
    case $1 in wpstate-*.php) ;; *) fail net.usage "not a beacon's name" ;; esac
    beacon_hex=${1#wpstate-}
    is_hex "${beacon_hex%.php}" 24 && is_hex "$2" 64 || fail net.usage "not a beacon's name"
    remove_beacon
    # Known before it exists, so that it is always found again.
    replace_lines "$run_dir/beacon" "$wp/$1" || no_room
    with_facts "$run_dir/beacon.php" "$(date +%s)" "$2" | place_php "$wp/$1" ||
        fail beacon.failed "the beacon cannot be written into $wp"
}

remove_beacon() {
    if [ -f "$run_dir/beacon" ]; then
        first_line "$run_dir/beacon"
        rm -f -- "$first_line" && rm -f -- "$run_dir/beacon"
    fi
}

# Where another run holds the site, or somebody goes on with this one, the freeze is theirs.
thaw() {
    if ! still_ours && [ -d "$state/lock" ]; then return 0; fi
    remove_beacon
    sweep_placed
    [ -e "$run_dir/frozen_at" ] || return 0
    if [ ! -e "$run_dir/thawed" ] || our_freeze; then
        begin thaw
        # Before visitors come in: what they write must never be rewound.
        mark "$run_dir/thawed"
        if our_freeze; then
            if [ -e "$run_dir/old/maintenance.held" ] && [ "$(verdict)" != confirm ]; then
                mv -f -- "$run_dir/old/maintenance.held" "$maintenance"
            else
                rm -f -- "$maintenance"
            fi || fail thaw.failed ".maintenance cannot be removed from $wp"
        fi
        if [ -e "$run_dir/old/maintenance.foreign" ] && [ ! -e "$maintenance" ]; then
            mv -- "$run_dir/old/maintenance.foreign" "$maintenance"
        fi
        finish
    fi
}

our_freeze() {
    ours "$maintenance" && case $last_line in *"\"run\":\"$run\""*) ;; *) false ;; esac
}
