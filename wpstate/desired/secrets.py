"""Hide what may be a secret in a value that a problem shows. Fleet files hold none by design; the
file that is wrong may be the one into which somebody put one."""

import re

_IN_ADDRESS = re.compile(r"://[^/\s@]*@")
_NAMED = re.compile(r"(?i)([\w-]*(?:pass|secret|token)[\w-]*[\"']?\s*[:=]\s*)[^,}\]\n]+")


def without_secrets(text: str) -> str:
    """`https://me:word@host` → `https://…@host`; `db_password: word` → `db_password: …`."""
    return _NAMED.sub(r"\1…", _IN_ADDRESS.sub("://…@", text))
