# shellcheck shell=sh
# Starting and stopping the lab's services, each by its own pid file. Sourced by script/lab.
: "${LAB_ROOT:?}" "${checkout:?}" "${run:?}" "${tab:?}"

# Order of starting.
services() {
    echo mariadb redis wporg sshd
    awk -F "$tab" '$4 == "yes" { print "php-" $1 }' "$LAB_ROOT/etc/sites.tsv"
    echo nginx
    if has_fault killer; then echo killer; fi
}

service_port() {
    case $1 in
        mariadb) echo 33306 ;;
        redis) echo 36379 ;;
        wporg) echo 18080 ;;
        sshd) echo 22022 ;;
        *) echo - ;;
    esac
}

service_pidfile() {
    case $1 in
        redis) echo "$run/redis/redis.pid" ;;
        *) echo "$run/$1.pid" ;;
    esac
}

# The program that a live pid must show, so that a pid used again by a stranger is not taken for ours.
service_program() {
    case $1 in
        mariadb) echo mariadbd ;;
        redis) echo redis-server ;;
        wporg) echo python3 ;;
        php-*) echo php-fpm8.2 ;;
        killer) echo sh ;;
        *) echo "$1" ;;
    esac
}

# A process that has ended stays in /proc until its parent asks; it counts as gone (proc(5), status).
pid_runs() { # PID PROGRAM
    [ "$(awk '$1 == "Name:" { name = $2 } $1 == "State:" && $2 != "Z" { print name }' \
        "/proc/$1/status" 2>/dev/null)" = "$2" ]
}

# Prints the pid of a running service; fails when it does not run.
service_pid() {
    pid=$(cat "$(service_pidfile "$1")" 2>/dev/null) || return 1
    [ -n "$pid" ] && pid_runs "$pid" "$(service_program "$1")" || return 1
    echo "$pid"
}

service_answers() {
    case $1 in
        mariadb) mariadb-admin --no-defaults --socket="$run/mysqld.sock" --silent ping ;;
        redis) redis-cli -p "$(service_port redis)" ping ;;
        wporg) curl -s -o /dev/null "http://127.0.0.1:$(service_port wporg)/" ;;
        *) service_pid "$1" ;;
    esac >/dev/null 2>&1
}

service_launch() {
    case $1 in
        mariadb) exec setsid mariadbd --defaults-file="$LAB_ROOT/etc/my.cnf" --user=mysql ;;
        redis) setpriv --reuid redis --regid redis --clear-groups redis-server "$LAB_ROOT/etc/redis.conf" ;;
        wporg)
            setsid python3 "$checkout/roles/lab_wporg/files/wporg_server.py" \
                --root "$LAB_ROOT/wporg" --port "$(service_port wporg)" \
                --pid-file "$run/wporg.pid" --log-file "$LAB_ROOT/log/wporg.log"
            ;;
        sshd) install -d -m 755 /run/sshd && /usr/sbin/sshd -f "$LAB_ROOT/etc/sshd_config" ;;
        php-*) php-fpm8.2 --fpm-config "$LAB_ROOT/etc/$1.conf" \
            -d opcache.memory_consumption=64 --daemonize ;;
        nginx) nginx -c "$LAB_ROOT/etc/nginx.conf" ;;
        killer) exec setsid sh "$checkout/script/lab-killer.sh" wpl-bad "$run/killer.pid" ;;
    esac
}

service_start() {
    if service_pid "$1" >/dev/null; then return 0; fi
    rm -f "$(service_pidfile "$1")"
    # A service outlives who starts it, and would hold their locks for ever.
    service_launch "$1" </dev/null >/dev/null 2>>"$LAB_ROOT/log/$1-start.log" \
        3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    waited=0
    until service_pid "$1" >/dev/null && service_answers "$1"; do
        waited=$((waited + 1))
        if [ "$waited" -gt 300 ]; then
            echo "lab: $1 did not start; see $LAB_ROOT/log" >&2
            return 1
        fi
        sleep 0.05
    done
    echo "started $1"
}

# Children first learn of the end from their master; whoever is still there after 5 s is killed.
service_stop() {
    pid=$(service_pid "$1") || return 0
    kill -TERM "$pid"
    waited=0
    while pid_runs "$pid" "$(service_program "$1")"; do
        waited=$((waited + 1))
        if [ "$waited" = 100 ]; then kill -KILL "$pid"; fi
        sleep 0.05
    done
    rm -f "$(service_pidfile "$1")"
}
