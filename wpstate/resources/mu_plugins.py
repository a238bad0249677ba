"""Must-use plugins: PHP right in their folder, which WordPress runs on every page unasked."""

from wpstate.resources.file_kind import FileKind


class MuPluginsKind(FileKind):
    name = "mu_plugins"
