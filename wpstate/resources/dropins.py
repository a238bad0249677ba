"""Drop-ins: files of fixed names below wp-content that take the place of parts of WordPress."""

import re

from wpstate.resources.file_kind import FileKind


class DropinsKind(FileKind):
    name = "dropins"
    nameable = re.compile(
        r"(advanced-cache|db|db-error|install|maintenance|object-cache|php-error"
        r"|fatal-error-handler)\.php"
    )
    adopted_comment = "where a plugin writes it anew, write `client`"
