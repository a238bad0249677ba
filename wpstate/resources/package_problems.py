"""What can be wrong with a plugin or theme that a file asks for, in words. When it is wrong is left
to resources.package_kind.
"""

from collections.abc import Iterable, Mapping

from wpstate.model.node import Text
from wpstate.model.problem import Problem
from wpstate.model.state import Address, kind_of
from wpstate.resources.nearest import nearest
from wpstate.resources.said import Said


def not_in_catalog(
    noun: str,
    slug: str,
    address: Address,
    said: Said,
    forbidden: Mapping[str, Text],
    approved: Iterable[str],
) -> Problem:
    if reason := forbidden.get(slug):
        return Problem(
            "desired.forbidden",
            f"{noun} is forbidden by the catalog",
            said.value.span,
            address,
            overrides=said.overrides[0] if said.overrides else None,
            found=f'"{slug}"',
            why=f"{reason.text} ({reason.span})",
            mend=f"write {slug}: absent",
        )
    close = nearest(slug, approved)
    add = f"add `{slug}: VERSION` to {kind_of(address)} in catalog.yml"
    return Problem(
        "desired.not_in_catalog",
        f"{noun} is not in the catalog",
        said.value.span,
        address,
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{slug}"',
        why="only what the agency approved is installed, under the name that was approved",
        mend=f"write {close}" if close else add,
    )


def no_zip(noun: str, address: Address, said: Said, version: Text) -> Problem:
    return Problem(
        "desired.no_zip",
        "the catalog has no zip of this version",
        version.span,
        address,
        overrides=said.overrides[0] if said.overrides else None,
        found=f'"{version.text}"',
        why=f"this {noun} does not come from wordpress.org",
        mend=f"add `{version.text}: PATH.zip` to its zips in catalog.yml",
    )
