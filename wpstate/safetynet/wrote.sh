# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# What the run's own WordPress wrote. Each of its requests notes the table before a query changes
# it, and the numbers of the rows that it added (maintenance.php), in a table of the site's own
# database: the web server may be another account, which could write no file of ours. What changed
# and is not noted was written by somebody else.

key8() {
    state_name=${state##*/}
    state_name=${state_name#.wpstate-}
    printf '%s\n' "${state_name%"${state_name#????????}"}"
}

wrote_table() {
    first_line "$run_dir/epoch"
    echo "wpstate_w_$(key8)_${first_line:-0}"
}

# Before the freeze is written, because its file names the table. A database that is down is no
# reason not to freeze.
begin_notes() {
    rm -f -- "$run_dir/wrote"
    (
        choose_client
        echo "DROP TABLE IF EXISTS \`$(wrote_table)\`;
            CREATE TABLE \`$(wrote_table)\` (seq INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
            name VARCHAR(64) NOT NULL, first_id BIGINT NULL, added INT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;" | sql
    ) >/dev/null 2>"$run_dir/wrote.err" && : >"$run_dir/noting"
}

# Lines of `name TAB first number TAB rows added`, `-` where unknown. Without notes there is no file:
# then nobody can tell what the run wrote.
read_notes() {
    [ -e "$run_dir/noting" ] || return 0
    echo "SELECT name, IFNULL(first_id, '-'), IFNULL(added, '-') FROM \`$(wrote_table)\` ORDER BY seq;" |
        sql >"$run_dir/wrote.new" 2>"$run_dir/wrote.err" || return 0
    # The first note of each request says that notes are taken at all.
    ! grep -q '^\.' "$run_dir/wrote.new" || mv -f -- "$run_dir/wrote.new" "$run_dir/wrote"
}

# Beside the freeze that keeps visitors out: `open` lets them in (`freeze: off`), so that the run
# can still look with its token; `hold` keeps them out until a later run ends it.
manner() {
    sed 's/.*:"//; s/"$//' "$run_dir/manner" 2>/dev/null
}

note_manner() { # open|hold or nothing
    rm -f -- "$run_dir/manner"
    [ -z "$1" ] || printf ',"manner":"%s"' "$1" >"$run_dir/manner"
}

# Visitors keep getting 503: what they would see is neither as before nor as planned. The file is
# no run's any more, so that neither this one's end nor ten minutes take it away.
hold() {
    require_lock
    begin thaw "held"
    note_manner hold
    rm -f -- "$run_dir/closed_at"
    (run=$run.held && with_facts "$run_dir/maintenance.php" "$(date +%s)" "$(cat "$run_dir/token_sha256")") |
        place_php "$maintenance" || fail freeze.failed "the holding page cannot be written into $wp"
    rm -f -- "$run_dir/manner"
    mark "$run_dir/thawed"
    remove_beacon
    finish held
}

# What the controller knows: components that the plan names, because a table that begins with such a
# name is explained by the plan; and more tables that visitors write to.
note_known() { # slug:NAME visitors:PATTERN …
    : >"$run_dir/planned"
    : >"$run_dir/visitors.more"
    for word in "$@"; do
        case $word in
            slug:*) printf '%s\n' "${word#slug:}" | tr 'A-Z.-' 'a-z__' >>"$run_dir/planned" ;;
            visitors:*) printf '%s\n' "${word#visitors:}" >>"$run_dir/visitors.more" ;;
        esac
    done
}

# The rows that the run added are gone, and their numbers go to whoever writes next.
forget_numbers() { # tables from stdin
    [ -e "$run_dir/noting" ] || return 0
    sed "s/.*/UPDATE \`$(wrote_table)\` SET first_id = 0 WHERE first_id > 0 AND name = '&';/" | sql
}

# This run's, and any that an earlier one could not drop.
drop_notes() {
    read_notes
    echo "SHOW TABLES LIKE 'wpstate\\_w\\_$(key8)\\_%';" | sql | sed 's/.*/DROP TABLE IF EXISTS `&`;/' |
        sql 2>"$run_dir/wrote.err" && rm -f -- "$run_dir/noting"
}

# The freeze is proved and what was under way before it has ended: nobody but the run writes.
note_proof() { # proved, or nothing
    if [ "$1" = proved ]; then : >"$run_dir/proved"; else rm -f -- "$run_dir/proved"; fi
}

# Nobody but the run has written since its snapshot.
nobody_else_wrote() {
    [ -e "$run_dir/proved" ] && freeze_held
}
