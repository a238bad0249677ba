"""Where people look at commits: a forge, or the repository itself."""

from collections.abc import Sequence
from typing import Protocol

from wpstate.model.status import Status


class Forge(Protocol):
    def tell(self, commit: str, statuses: Sequence[Status], *, address: str | None) -> None:
        """Show these at a commit (40 hex digits), in the place of what was said under the same
        names before; those that changed sites get a record of the deployment. What is there already
        is not said again. `address`: where more can be read. May be repeated.

        Raises Failed (`forge.untold`).
        """
