"""The pages docs/kinds/NAME.md: what may be written of each kind, as its schema has it.

    script/schemas     writes them anew

What a kind is good for, with stories and examples, is left to docs/language.md.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.docs.pages import REPOSITORY

SCHEMAS = REPOSITORY / "schemas" / "kinds"
PAGES = REPOSITORY / "docs" / "kinds"
_WORDS = {
    "string": "text", "number": "number", "integer": "whole number", "boolean": "true or false",
    "array": "list", "object": "map",
}  # fmt: skip


def kinds() -> tuple[str, ...]:
    return tuple(
        path.name.removesuffix(".schema.json")
        for path in sorted(SCHEMAS.glob("*.schema.json"))
        if not path.name.endswith(".observed.schema.json")
    )


def kind_page(kind: str) -> str:
    file = SCHEMAS / f"{kind}.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    rows = list(_rows(schema, file, "", {}))
    lines = [
        "<!-- script/schemas writes this page from the schema -->",
        f"# {kind}",
        "",
        schema["description"],
        *_short(schema),
    ]
    if rows:
        lines += ["", "| key | what it says | what may be written |", "| --- | --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def _short(schema: dict[str, Any]) -> Iterator[str]:
    problem = schema.get("x-problem", {})
    if "mend" in problem:
        yield ""
        why = f" ({problem['why']})" if "why" in problem else ""
        yield f"To begin with: {problem['mend']}{why}."


def _rows(node: dict[str, Any], file: Path, key: str, told: dict[str, str]) -> Iterator[str]:
    """A line for each key below `node`, with what lies below that; what several keys refer to is
    shown below the first, which `told` names."""
    below = dict(node.get("properties", {}))
    if isinstance(node.get("additionalProperties"), dict):
        below["NAME"] = node["additionalProperties"]
    for name, said in below.items():
        at = f"{key}.{name}" if key else name
        found, origin = _resolved(said, file)
        deeper = "properties" in found or isinstance(found.get("items"), dict)
        first = told.setdefault(said["$ref"], at) if "$ref" in said and deeper else at
        values = _values(found, origin) + ("" if first == at else f"; as `{first}`")
        yield f"| `{at}` | {_cell(found.get('description', ''))} | {_cell(values)} |"
        if first == at:
            yield from _rows(found, origin, at, told)
            if isinstance(found.get("items"), dict):
                item, item_origin = _resolved(found["items"], origin)
                yield from _rows(item, item_origin, f"{at}[]", told)


def _values(node: dict[str, Any], file: Path) -> str:
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        return ", ".join(f"`{word}`" for word in node["enum"])
    types = node.get("type", [])
    words = " or ".join(_WORDS[word] for word in ([types] if isinstance(types, str) else types))
    mend: str = node.get("x-problem", {}).get("mend", "").removeprefix("write ")
    if not mend and isinstance(node.get("items"), dict):
        item, origin = _resolved(node["items"], file)
        return f"{words} of {_values(item, origin)}"
    return f"{words}: {mend}" if mend and mend != words else words


def _resolved(node: dict[str, Any], file: Path) -> tuple[dict[str, Any], Path]:
    """A reference followed to what it names; what stands beside it comes first."""
    if "$ref" not in node:
        return node, file
    name, _, pointer = node["$ref"].partition("#/")
    origin = (file.parent / name).resolve() if name else file
    found = json.loads(origin.read_text("utf-8"))
    for part in pointer.split("/"):
        found = found[part]
    target, origin = _resolved(found, origin)
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}, origin


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    PAGES.mkdir(exist_ok=True)
    for kind in kinds():
        (PAGES / f"{kind}.md").write_text(kind_page(kind), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
