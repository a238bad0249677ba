#!/bin/sh
# shellcheck shell=sh
# Oracle: every entry of a tree with type, mode, time, sha256 and link. Shares no code with wpstate.
#     tree.sh FOLDER
set -eu
LC_ALL=C
export LC_ALL
cd "$1"
{
    find . -type d -printf 'd %m %p\n'
    find . -type l -printf 'l %p -> %l\n'
    find . ! -type d ! -type l -printf '%y %m %s %T@ %p\n'
    find . -type f -exec sha256sum {} +
} | sort
