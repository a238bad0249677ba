"""Where a value of a YAML text ends, without the comments and empty lines that follow it.

ruamel.yaml's own marks of blocks end where the next key begins.
"""

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode


def content_end(text: str, key: Node, value: Node) -> int:
    """Index behind the last character of what a key says."""
    if isinstance(value, ScalarNode):
        if value.style in ("|", ">"):
            return _block_end(text, key.start_mark.column, value.start_mark.index)
        return int(value.end_mark.index)
    if getattr(value, "flow_style", True) or not value.value:
        return int(value.end_mark.index)
    if isinstance(value, MappingNode):
        return content_end(text, *value.value[-1])
    return content_end(text, value, value.value[-1])


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Behind the line break."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _block_end(text: str, column: int, at: int) -> int:
    """Of a block scalar: its lines are empty or deeper than its key."""
    end = at = line_end(text, at)
    while at < len(text):
        after = line_end(text, at)
        line = text[at:after]
        if line.strip():
            if len(line) - len(line.lstrip(" ")) <= column:
                break
            end = after
        at = after
    return end - 1 if text[:end].endswith("\n") else end
