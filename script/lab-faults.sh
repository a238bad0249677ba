# shellcheck shell=sh
# The faults of the lab's bad host, each switched by itself. Sourced by script/lab.
#
# web_user  its pool runs as another user than its account
# php       the first PHP of its PATH has no extension
# zstd      no zstd in its PATH
# dump      no dump client in its PATH
# killer    processes that outlive their session are ended
# quota     24 MiB for ~/.wpstate, which the numbers of the disk do not show
: "${LAB_ROOT:?}" "${checkout:?}" "${run:?}"

bad_account=wpl-bad
bad_site=badhost
bad_bin=$LAB_ROOT/bad/bin
bad_state=$LAB_ROOT/homes/$bad_account/.wpstate
all_faults='web_user php zstd dump killer quota'

has_fault() { # FAULT
    case " $(cat "$LAB_ROOT/etc/faults" 2>/dev/null || echo "$all_faults") " in
        *" $1 "*) true ;;
        *) false ;;
    esac
}

# Sets exactly these faults; the services follow.
set_faults() { # FAULT…|all|none
    case "$*" in
        all) wanted=$all_faults ;;
        none) wanted= ;;
        *) wanted=$* ;;
    esac
    for fault in $wanted; do
        case " $all_faults " in
            *" $fault "*) ;;
            *)
                echo "lab: no such fault: $fault; there are: $all_faults" >&2
                return 64
                ;;
        esac
    done
    echo "$wanted" >"$LAB_ROOT/etc/faults"
    make_faults
}

make_faults() {
    make_bad_path
    make_bad_pool
    if has_fault killer; then service_start killer >/dev/null; else service_stop killer; fi
    if has_fault quota; then small_state; else end_quota; fi
}

make_bad_path() {
    rm -rf "$bad_bin.new"
    mkdir -p "$bad_bin.new"
    ln -s -t "$bad_bin.new" /usr/bin/*
    if has_fault zstd; then rm -f "$bad_bin.new"/*zst*; fi
    if has_fault dump; then rm -f "$bad_bin.new/mariadb-dump" "$bad_bin.new/mysqldump"; fi
    if has_fault php; then
        rm -f "$bad_bin.new/php"
        printf '#!/bin/sh\nexec /usr/bin/php8.2 -n "$@"\n' >"$bad_bin.new/php"
        chmod 755 "$bad_bin.new/php"
    fi
    rm -rf "$bad_bin"
    mv "$bad_bin.new" "$bad_bin"
}

make_bad_pool() {
    pool=$LAB_ROOT/etc/php-$bad_site.conf
    web_user=$bad_account
    if has_fault web_user; then web_user=${bad_account}web; fi
    if ! grep -qx "user = $web_user" "$pool"; then
        sed -i "s/^user = .*/user = $web_user/" "$pool"
        service_stop "php-$bad_site"
        service_start "php-$bad_site" >/dev/null
    fi
}

small_state() {
    if mountpoint -q "$bad_state"; then return 0; fi
    rm -rf "$bad_state"
    install -d -m 700 -o "$bad_account" -g "$bad_account" "$bad_state"
    mount -t tmpfs -o "size=24m,mode=700,uid=$(id -u "$bad_account"),gid=$(id -g "$bad_account")" \
        tmpfs "$bad_state"
}

end_quota() {
    if mountpoint -q "$bad_state"; then umount -l "$bad_state"; fi
}
