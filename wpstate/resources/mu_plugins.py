"""Must-use plugins: PHP right in their folder, which WordPress runs on every page unasked."""

import re

from wpstate.resources.file_kind import OURS, FileKind


class MuPluginsKind(FileKind):
    name = "mu_plugins"
    nameable = re.compile(rf"(?!{OURS})[A-Za-z0-9_][A-Za-z0-9._-]{{0,123}}\.php", re.ASCII)
    adopted_comment = "runs on every page: read it, and keep secrets out of git"
