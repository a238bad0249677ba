"""A shop plugin that migrates its data, by version: what no directory of the lab has."""

import io
import zipfile
from pathlib import Path

from tests.e2e.fleet import Fleet
from tests.e2e.site import Site

SLUG = "woocommerce"
_UPDATES = {
    "2.0.0": "'2.0.0' => array( 'shop_update_200_column', 'shop_update_200_rows' ),",
    "2.5.0": "'2.5.0' => array( 'shop_update_250_fails' ),",
    "3.0.0": "'3.0.0' => array( 'shop_update_300_slowly' ),",
}
_BRINGS = {
    "1.0.0": (),
    "2.0.0": ("2.0.0",),
    "2.5.0": ("2.0.0", "2.5.0"),
    "3.0.0": ("2.0.0", "3.0.0"),
}


def files(version: str) -> dict[str, str]:
    updates = "\n\t\t".join(_UPDATES[one] for one in _BRINGS[version])
    return {
        path.relative_to(Path(__file__).parent).as_posix(): path.read_text("utf-8")
        .replace("@VERSION@", version)
        .replace("/* @UPDATES@ */", updates)
        for path in sorted(Path(__file__).parent.rglob("*.php"), key=lambda path: len(path.parts))
    }


def offer(fleet: Fleet) -> None:
    """Put a zip of each version into the fleet, and approve 1.0.0."""
    folder = fleet.folder / "packages"
    folder.mkdir()
    zips = []
    for version in _BRINGS:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, text in files(version).items():
                archive.writestr(f"{SLUG}/{name}", text)
        (folder / f"shop-{version}.zip").write_bytes(packed.getvalue())
        zips.append(f"{version}: packages/shop-{version}.zip")
    fleet.catalog(f"  {SLUG}: {{approved: 1.0.0, zips: {{{', '.join(zips)}}}}}\n")


def install(site: Site) -> None:
    """1.0.0, by hand."""
    for name, text in files("1.0.0").items():
        site.write(f"wp-content/plugins/{SLUG}/{name}", text)
    site.wp("plugin", "activate", SLUG)
