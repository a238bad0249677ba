"""The two versions of WordPress that the lab's sites run, and where `script/lab up` put its fleet.

The older one is whichever script/fetch-wordpress found: a point release of the distribution moves
it, and no test may know it by heart.
"""

import os
from pathlib import Path

OLDER = Path("/var/lib/wpstate-lab/cache/older").read_text("utf-8").strip()
NEWER = "7.1.1"
FLEET = Path(os.environ.get("WPSTATE_FLEET", Path(__file__).resolve().parents[1] / ".lab-fleet"))
