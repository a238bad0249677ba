"""Text from a site or a host made short and harmless to look at. Meaning is left to the caller."""

import unicodedata

_CUT = "…"


def visible(text: str, limit: int = 500) -> str:
    """`text` with every control, format and bidirectional character written out as `\\x1b` or
    `\\u202e`, cut to `limit` characters.

    Unicode category C covers C0, C1, line and paragraph separators being Z: newlines too come out
    as `\\x0a`, so that one foreign text stays one line of ours. The second of two number signs is
    written out too: CI systems take `##vso[` and `##[` for commands, wherever they stand in a line
    (the agent of Azure Pipelines 4, the runner of GitHub Actions 2).
    """
    is_marked = "##" in text
    if len(text) <= limit and not is_marked and text.isprintable():
        return text
    if is_marked:
        text = text[: limit + 1].replace("##", "#\\x23")
    shown = "".join(_shown(character) for character in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + _CUT


def unmarked(text: str, limit: int = 200) -> str:
    """`visible`, and no receiver of a message takes it for more than text: it mentions nobody, and
    is no link, image or tag of Markdown or HTML."""
    text = visible(text, limit)
    for sign, word in (("@", "(at)"), ("](", "] ("), ("<", "‹"), (">", "›"), ("`", "'")):
        text = text.replace(sign, word)
    return text


def _shown(character: str) -> str:
    if unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
