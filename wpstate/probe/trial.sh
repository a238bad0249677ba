# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Tries on a host what a run will need, each thing by doing it, in a run's folder of its own that is
# gone afterwards. Joined behind the safety net's parts: what is tried is what a run will do.
# Answers a line `tried=NEED TAB ok|no TAB text` for each need (planning/fitness_needs.py).

# The site's own state stays as it is: places, lists and logs of the trial lie in its folder.
site_state=$state
state=$run_dir
trial_table=wpstate_trial_${run#trial-}

# A part that says `fail` ends its program, so each try is one of its own.
try() { # need function arguments
    need=$1
    shift
    if told=$("$@" </dev/null 2>>"$run_dir/trial.log"); then
        verdict=ok
    else
        verdict=no
        told=$(printf '%s\n' "$told" | sed -n 's/^text=//p')
    fi
    case $told in *[!\ -~]*) told=$(printf '%s' "$told" | tr '\n\r\t' '   ') ;; esac
    [ "${#told}" -le 400 ] || told=$(printf '%s' "$told" | cut -c 1-400)
    say tried "$need	$verdict	$told"
    [ "$verdict" = ok ]
}

no() { # sentence
    say text "$1"
    exit 1
}

try_tools() {
    require_tools
    command -v setsid >/dev/null || no "setsid is missing"
    command -v timeout >/dev/null || no "timeout is missing"
    echo "GNU tar, find, xargs, sha256sum; awk"
}

try_packer() {
    command -v zstd >/dev/null || command -v gzip >/dev/null || no "neither zstd nor gzip"
    mkdir -- "$run_dir/plain" && seq 20000 >"$run_dir/plain/numbers" || no "cannot write into $run_dir"
    tar -cf - -C "$run_dir" plain | pack >"$run_dir/packed" || no "packing failed"
    unpack "$run_dir/packed" | tar -xOf - | cmp -s - "$run_dir/plain/numbers" ||
        no "what was packed did not come back"
    if command -v zstd >/dev/null; then echo zstd; else echo "gzip; zstd would be quicker"; fi
}

try_php() {
    answer=$("$php" -d display_errors=stderr -d auto_prepend_file= "$run_dir/trial.php") ||
        no "$php: $(printf '%s' "$answer" | tail -n 1) $(last_words "$run_dir/trial.log")"
    case $answer in
        *' zip') ;;
        *) command -v unzip >/dev/null || no "$php lacks the zip extension, and there is no unzip" ;;
    esac
    echo "$answer"
}

try_writable() {
    require_writable
    echo "all folders of code"
}

# A plugin is swapped by renaming what was unpacked beside it.
try_rename() {
    for folder in "$wp" "$plugins"; do
        beside=$folder/.wpstate-$run
        mkdir -- "$beside" "$beside/new" && : >"$beside/new/file" || no "cannot make a folder in $folder"
        mv -T -- "$beside/new" "$beside/live" && [ -f "$beside/live/file" ] || no "cannot rename in $folder"
        rm -rf -- "$beside"
    done
    if [ "$(stat -c %d -- "$run_dir")" = "$(stat -c %d -- "$plugins")" ]; then
        mkdir -- "$run_dir/moved" && mkdir -- "$plugins/.wpstate-$run" &&
            mv -T -- "$run_dir/moved" "$plugins/.wpstate-$run" || no "cannot rename from $HOME into $plugins"
        rm -rf -- "$plugins/.wpstate-$run"
        echo "one file system"
    else
        echo "$HOME is another file system: new code is unpacked beside the site"
    fi
}

# A quota shows in no number, only in what can be had.
have_room() { # bytes
    if fallocate -l 4096 "$run_dir/room" 2>/dev/null; then
        fallocate -l "$1" "$run_dir/room" 2>/dev/null
    else
        head -c "$1" /dev/zero >"$run_dir/room" 2>/dev/null
    fi
}

try_room() {
    had=$room_bytes
    until have_room "$had"; do
        rm -f -- "$run_dir/room"
        had=$((had / 2))
        [ "$had" -ge 65536 ] || break
    done
    rm -f -- "$run_dir/room"
    [ "$had" -eq "$room_bytes" ] ||
        no "$((room_bytes / 1048576)) MiB are needed, $((had / 1048576)) MiB could be had"
    echo "$((room_bytes / 1048576)) MiB could be had"
}

try_files() {
    mkdir -- "$run_dir/many" && (cd "$run_dir/many" && seq "$room_files" | xargs touch --) ||
        no "$room_files files are needed, $(find "$run_dir/many" -type f | wc -l) could be made"
    rm -rf -- "$run_dir/many"
    echo "$room_files files could be made"
}

try_database() {
    choose_client
    echo 'SELECT VERSION();' | sql 2>"$run_dir/sql.err" || no "$sql_client: $(last_words "$run_dir/sql.err")"
    "$dumper" --version 2>/dev/null | head -n 1
}

try_privileges() {
    choose_client
    {
        echo "CREATE TABLE $trial_table (id INT PRIMARY KEY, note TEXT);"
        echo "INSERT INTO $trial_table VALUES (1, 'one'), (2, 'two');"
        echo "ALTER TABLE $trial_table ADD COLUMN more INT, ADD INDEX (more);"
        echo "CREATE TABLE ${trial_table}_new LIKE $trial_table;"
        echo "LOCK TABLES $trial_table READ, ${trial_table}_new WRITE;"
        echo "INSERT INTO ${trial_table}_new SELECT * FROM $trial_table;"
        echo "UNLOCK TABLES;"
        echo "UPDATE ${trial_table}_new SET note = 'new'; DELETE FROM ${trial_table}_new WHERE id = 2;"
        echo "RENAME TABLE $trial_table TO ${trial_table}_old, ${trial_table}_new TO $trial_table;"
        echo "DROP TABLE ${trial_table}_old;"
    } | sql >/dev/null 2>"$run_dir/sql.err" || no "$(last_words "$run_dir/sql.err")"
    echo "create, alter, index, lock, rename, drop"
}

try_dump() {
    choose_client
    dump "$trial_table" 2>"$run_dir/sql.err" | pack >"$run_dir/dump.sql"
    unpack "$run_dir/dump.sql" | tail -n 1 | grep -q '^-- Dump completed' ||
        no "$dumper: $(last_words "$run_dir/sql.err")"
    {
        echo "DROP TABLE $trial_table;"
        unpack "$run_dir/dump.sql"
        echo "SELECT CONCAT('note ', note) FROM $trial_table;"
    } | sql 2>"$run_dir/sql.err" | grep -qx 'note new' ||
        no "the dump could not be read back: $(last_words "$run_dir/sql.err")"
    echo "dumped and read back"
}

# Only a site that has triggers needs the privilege to write them back.
try_triggers() {
    choose_client
    {
        echo "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE();"
        echo "CREATE TRIGGER ${trial_table}_t BEFORE INSERT ON $trial_table FOR EACH ROW SET NEW.more = 1;"
    } | sql >"$run_dir/triggers" 2>"$run_dir/sql.err" && echo "can be written" && return
    [ "$(head -n 1 "$run_dir/triggers")" = 0 ] || no "$(last_words "$run_dir/sql.err")"
    echo "none here"
}

try_cron() {
    command -v crontab >/dev/null || no "no crontab"
    state=$site_state
    set_cron
    [ -e "$run_dir/cron" ] || no "$(last_words "$run_dir/crontab.err")"
    unset_cron
    echo "a line came and went"
}

try_lives() {
    watch=$(cat "$run_dir/janitor.pid" 2>/dev/null) || watch=
    # Who ends such processes seldom looks more than once a second.
    sleep 1.2 2>/dev/null || sleep 2
    lives "$watch" || no "a process was ended with its session"
    echo "a process outlived its session"
}

# In a run the watchdog has begun with the lock, in another connection.
try_watchdog() {
    state=$site_state
    read_holder || no "nobody holds the site"
    run_dir=$state/runs/$held_run
    given_up_at=$(($(date +%s) + 6))
    until [ -s "$run_dir/watchdog.pid" ] || [ "$(date +%s)" -ge "$given_up_at" ]; do sleep 0.1; done
    lives "$(cat "$run_dir/watchdog.pid" 2>/dev/null)" || no "the watchdog was ended with its session"
    echo "the watchdog outlived its session"
}

# Where a web server serves the home itself, some of them can be told not to; the controller then
# proves that they listen.
deny_all_sites() {
    is_hidden "$site_state" || deny_visitors "$(dirname "$site_state")"
}

# In a run they were read with its lock, a moment ago.
lend_credentials() { # once|begin
    [ "$1" = once ] && (
        state=$site_state
        read_holder && cd "$state/runs/$held_run" && [ -s my.cnf ] && [ -s database ] &&
            cp -p -- my.cnf database "$run_dir/"
    ) 2>/dev/null
}

begin_trial() { # once|begin
    deny_all_sites
    find "$site_state/runs" -maxdepth 1 -name 'trial-*' -mmin +10 -exec sh {}/net.sh end \; >/dev/null 2>&1
    write_places
    lend_credentials "$1" || read_credentials >/dev/null
    try tools try_tools
    try packer try_packer
    try php try_php
    try writable try_writable
    try rename try_rename
    try room try_room
    try files try_files
    if try database try_database && try privileges try_privileges; then
        try dump try_dump
        try triggers try_triggers
    fi
}

# Whatever becomes of the controller, nothing stays.
janitor() {
    echo "$$" >"$run_dir/janitor.pid"
    ticks=0
    while [ -d "$run_dir" ] && [ "$ticks" -lt 120 ]; do
        sleep 1
        ticks=$((ticks + 1))
    done
    clear_away
}

place_trial_beacon() { # name, sha256 of the token
    case $1 in wpstate-*.php) ;; *) return ;; esac
    printf '%s\n' "$wp/$1" >"$run_dir/beacon"
    with_facts "$run_dir/beacon.php" "$(date +%s)" "$2" | place_php "$wp/$1" || rm -f -- "$run_dir/beacon"
}

clear_away() {
    [ -d "$run_dir" ] || return 0
    remove_beacon
    rm -rf -- "$wp/.wpstate-$run" "$plugins/.wpstate-$run"
    if (choose_client) >/dev/null 2>&1; then
        choose_client
        echo "DROP TABLE IF EXISTS $trial_table, ${trial_table}_new, ${trial_table}_old;" | sql 2>/dev/null
    fi
    (state=$site_state && unset_cron)
    rm -rf -- "$run_dir"
    rmdir -- "$site_state/runs" 2>/dev/null
    rmdir -- "$site_state" 2>/dev/null && ! is_hidden "$site_state" || return 0
    # Where wpstate keeps no site at all, nothing stays.
    all_sites=$(dirname "$site_state")
    if [ -z "$(find "$all_sites" -mindepth 1 -type d -print -quit)" ]; then
        rm -f -- "$all_sites/.htaccess" "$all_sites/web.config" "$all_sites/index.php"
        rmdir -- "$all_sites" 2>/dev/null
    fi
    return 0
}

case ${1:-} in
    once)
        begin_trial once
        try lives try_watchdog || try cron try_cron
        clear_away
        ;;
    begin)
        begin_trial begin
        try cron try_cron
        place_trial_beacon "$2" "$3"
        detach janitor
        given_up_at=$(($(date +%s) + 6))
        until [ -s "$run_dir/janitor.pid" ] || [ "$(date +%s)" -ge "$given_up_at" ]; do sleep 0.05; done
        say folder "$run_dir"
        ;;
    look) try lives try_lives ;;
    janitor) janitor ;;
    end) clear_away ;;
    *) ;;
esac
say end ok
