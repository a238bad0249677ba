"""Drop-ins: files of fixed names below wp-content that take the place of parts of WordPress."""

from wpstate.resources.file_kind import FileKind


class DropinsKind(FileKind):
    name = "dropins"
