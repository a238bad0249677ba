# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Room on the disk that is kept from before the freeze, and given free for the rollback: whoever
# fills the disk meanwhile must not keep the site from being put back.

keep_room() { # bytes
    head -c "$1" /dev/zero >"$run_dir/room" && durable "$run_dir/room" ||
        fail net.disk "no room for a rollback in $run_dir"
}

use_room() {
    rm -f -- "$run_dir/room"
}

no_room() {
    fail net.disk "cannot write into $run_dir"
}
