# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# After a restore without a controller: the web server's PHP must forget the code that it compiled
# (OPcache) and WordPress the values and pages that it keeps, or what was undone comes back.
# A beacon of the host's own is asked through the site's address. Where nothing answers the site is
# restored all the same, and the journal says that its caches were left. Caches in front of the site
# want the controller's secrets: they are named as left to it (`wpstate recover`).

random_hex() { # bytes
    od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

flush_served() { # code: tables are still to go back, so no plugin is started
    begin rollback "flush"
    flushed=
    [ -z "$(caches_of folder)" ] || flushed="$(empty_caches | sed 's/^left=/ not /' | tr -d '\n') folders"
    case $url in
        '' | *[!A-Za-z0-9:/._~%-]*) unasked="no plain address" ;;
        *)
            ask_served "${1:-}"
            unasked=$(last_words "$run_dir/flush.err")
            ;;
    esac
    phase=rollback
    far=$(caches_of far | tr '\n' ' ')
    finish "caches:${flushed:- left: $unasked}${far:+; the controller must purge ${far% }}"
}

ask_served() { # code or nothing; adds to flushed what the web server's own PHP did
    flush_token=$(random_hex 32)
    flush_name=wpstate-$(random_hex 12).php
    # A failure to place it ends a program: that of a subshell.
    (place_beacon "$flush_name" "$(printf %s "$flush_token" | sha256sum | cut -c 1-64)") >"$run_dir/flush.err"
    for ask in flush forget $([ "$1" = code ] || [ -z "$(purge_facts)" ] || echo purge); do
        if ask_beacon "$url/$flush_name" "$flush_token" "$ask" 2>>"$run_dir/flush.err" | grep -q '"proof"'; then
            flushed="$flushed $ask"
        fi
    done
    remove_beacon
}

# The token goes by standard input: arguments can be seen by everybody.
ask_beacon() { # address, token, what
    if command -v curl >/dev/null; then
        printf 'url = "%s"\nheader = "X-Wpstate-Token: %s"\nheader = "X-Wpstate-Ask: %s"\n' "$@" |
            curl -q -sS -m 20 --max-filesize 65536 -K -
    else
        printf '%s\n' "$@" | "$php" -r '
            list( $url, $token, $ask ) = array_map( "trim", file( "php://stdin" ) );
            $headers = "X-Wpstate-Token: $token\r\nX-Wpstate-Ask: $ask\r\n";
            $http    = array( "header" => $headers, "timeout" => 20, "follow_location" => 0 );
            echo file_get_contents( $url, false, stream_context_create( array( "http" => $http ) ), 0, 65536 );'
    fi
}
