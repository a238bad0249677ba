# shellcheck shell=sh
# shellcheck disable=SC2015,SC2016,SC2034,SC2119,SC2120,SC2154,SC2185  # one part of a joined program
# Where a site's state folder lies. Where the account has no place outside the web root, it is a
# folder in its home whose name nobody can guess. A link beside it that leads nowhere says which: no
# web server serves such a link, and making one is atomic, so that all controllers find the same.

find_state() { # folder of WordPress, with links resolved: sets state and state_key
    state_key=$(printf %s "$1" | sha256sum | cut -c 1-16)
    state=$HOME/.wpstate/$state_key
    hidden=$(readlink -- "$HOME/.wpstate-$state_key" 2>/dev/null) || return 0
    case $hidden in *[!0-9a-f]*) return 0 ;; esac
    [ "${#hidden}" -ne 32 ] || state=$HOME/.wpstate-$hidden
}

is_hidden() { # state folder
    case ${1##*/} in .wpstate-*) ;; *) return 1 ;; esac
}

# Rules that Apache, IIS and whatever runs PHP keep to. Others need to be told by their own settings.
deny_visitors() { # folder
    [ -e "$1/.htaccess" ] ||
        printf '%s\n' '<IfModule mod_authz_core.c>' 'Require all denied' '</IfModule>' \
            '<IfModule !mod_authz_core.c>' 'Deny from all' '</IfModule>' >"$1/.htaccess" || return 1
    [ -e "$1/web.config" ] ||
        printf '%s\n' '<configuration><system.webServer><authorization><deny users="*" />' \
            '</authorization></system.webServer></configuration>' >"$1/web.config" || return 1
    [ -e "$1/index.php" ] || echo '<?php http_response_code( 403 );' >"$1/index.php"
}
