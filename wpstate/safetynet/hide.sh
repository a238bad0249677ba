# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# A state folder inside the web root: made under a name that nobody can guess, with rules that deny
# it to visitors, and with files that the controller then asks the web server for. Before any run:
#     sh -s -- WP_PATH CONTENT plant ID      make it, and plant the files of ID; nothing elsewhere
#     sh -s -- WP_PATH CONTENT settle ID yes|no     what the web server said; takes these files away
#     sh -s -- WP_PATH CONTENT leave         take it away where it holds nothing of the site

wp=$(cd "$1" 2>/dev/null && pwd -P) || fail net.wp_path "cannot enter $1"
home=$(cd "$HOME" 2>/dev/null && pwd -P) || fail net.disk "cannot enter the home folder"
find_state "$wp"

served() {
    case $home/ in "$wp"/* | "${1:-$wp}"/*) ;; *) return 1 ;; esac
}

make_hidden() {
    # Whoever is first gives the name; the other finds it.
    is_hidden "$state" || ln -s -- "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" "$HOME/.wpstate-$state_key" 2>/dev/null
    find_state "$wp"
    is_hidden "$state" && mkdir -p -- "$state" && deny_visitors "$state" ||
        fail net.disk "cannot write into $HOME"
}

plant() { # id
    for kind in txt sql cnf; do
        echo "wpstate $1" >"$state/proof-$1.$kind" || fail net.disk "cannot write into $state"
        chmod 644 "$state/proof-$1.$kind"
        say planted "$state/proof-$1.$kind"
    done
}

leave() {
    [ -n "$(find "$state" -mindepth 1 ! -name .htaccess ! -name web.config ! -name index.php ! -name private -print -quit)" ] && return
    rm -rf -- "$state" && rm -f -- "$HOME/.wpstate-$state_key"
}

verb=$3
case ${4:-0} in *[!0-9a-f]*) fail net.usage "not an id" ;; esac
if ! served "$2"; then verb=; fi
case $verb in
    plant)
        make_hidden
        plant "$4"
        ;;
    settle)
        rm -f -- "$state/proof-$4".*
        if [ "$5" = yes ]; then : >"$state/private"; else rm -f -- "$state/private"; fi
        [ "$5" = yes ] || leave
        ;;
    leave) ! is_hidden "$state" || leave ;;
    *) ;;
esac
say end ok
