# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Verdict and record: exactly one of confirm and rollback wins, and what a confirmed run leaves
# behind is staged before the verdict, so that nobody finds half of it.

# A folder renamed onto one that is not empty fails: the first verdict stays.
settle() { # confirm|rollback who
    rm -rf -- "$run_dir/verdict.$2"
    mkdir -- "$run_dir/verdict.$2" && printf '%s %s\n' "$1" "$2" >"$run_dir/verdict.$2/who" || return 1
    mv -T -- "$run_dir/verdict.$2" "$run_dir/verdict" 2>/dev/null && durable "$run_dir/verdict/who" "$run_dir" && return 0
    rm -rf -- "$run_dir/verdict.$2"
    return 1
}

verdict() {
    cut -d ' ' -f 1 "$run_dir/verdict/who" 2>/dev/null
}

# stdin: a tar of applied.json, quarantine.json, summary.json, plan; each may be missing.
stage_record() {
    rm -rf -- "$run_dir/record"
    mkdir -- "$run_dir/record" && tar -C "$run_dir/record" -xf - && sync -- "$run_dir/record"/* ||
        fail net.disk "the record cannot be written"
}

publish_record() {
    [ -d "$run_dir/record" ] || return 0
    # What was applied before this run, should it be undone once it was confirmed.
    if [ ! -e "$run_dir/applied.before" ]; then
        { [ ! -e "$state/applied.json" ] || cat "$state/applied.json"; } | replace_file "$run_dir/applied.before"
    fi
    for file in applied.json quarantine.json; do
        if [ -f "$run_dir/record/$file" ]; then mv -f -- "$run_dir/record/$file" "$state/$file"; fi
    done
    if [ -f "$run_dir/record/plan" ]; then
        mkdir -p -- "$state/used" && : >"$state/used/$(cat "$run_dir/record/plan")"
    fi
    if [ -f "$run_dir/record/summary.json" ]; then
        mv -f -- "$run_dir/record/summary.json" "$run_dir/summary.json"
    fi
    sync -- "$state" "$run_dir" 2>/dev/null
    rm -rf -- "$run_dir/record"
}

# A confirmed run was put back after all, and its controller had no time to record that.
unpublish_record() {
    grep -qF '"outcome": "applied"' "$run_dir/summary.json" 2>/dev/null || return 0
    if [ -s "$run_dir/applied.before" ]; then
        replace_file "$state/applied.json" <"$run_dir/applied.before"
    else
        rm -f -- "$state/applied.json"
    fi
    rm -f -- "$run_dir/summary.json"
}

confirm() {
    # The watchdog may have ended the run, lock and all.
    if [ "$(verdict)" = rollback ]; then
        say confirmed no
        return
    fi
    require_lock
    begin "done" confirm
    flush_files
    stage_record
    if settle confirm controller || [ "$(cat "$run_dir/verdict/who" 2>/dev/null)" = "confirm controller" ]; then
        publish_record
        finish confirmed
        say confirmed yes
    else
        rm -rf -- "$run_dir/record"
        finish "the verdict is $(verdict)"
        say confirmed no
    fi
}

record() {
    # Whoever ended the run in the controller's place has written its own.
    if ! still_ours && [ "$(verdict)" = rollback ]; then return 0; fi
    require_lock
    begin "done" record
    stage_record
    publish_record
    finish
}

# The controller's own rollback. Where the host goes on by itself its restore is waited for; where
# that one gives up or dies, the controller goes on.
claim_rollback() { # run whose snapshot is asked for, tables|whole|code
    while ! still_ours; do
        if [ "$held_run" != "$run" ] || [ ! -d "$state/lock" ]; then
            [ "$(cat "$run_dir/ended" 2>/dev/null)" = rolled_back ] || return 0
            say files 0
            sed 's/^/left=/' "$run_dir/left" 2>/dev/null
            say by host
            say end ok
            exit 0
        fi
        if [ -e "$run_dir/held" ]; then return 0; fi
        sleep 1
    done
    [ "$1" = "$run" ] && [ -e "$run_dir/deadline" ] || return 0
    settle rollback controller || true
    # Once visitors were let in on a confirmed run, nothing of theirs is rewound any more.
    if [ "$(verdict)" = confirm ] && { [ ! -e "$run_dir/thawed" ] || [ "$2" = whole ]; }; then
        fail restore.settled "the run is already confirmed"
    fi
}
