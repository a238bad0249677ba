"""For each kind: any site's words about it beside anything that its part of the probe may answer.

Names are few, so that what is asked and what is there meet. Answers may leave out what was asked.
"""

from collections.abc import Mapping
from typing import Final

from hypothesis import strategies as st

from tests.unit.kinds.any import code, pages, settings
from tests.unit.kinds.any.words import Words

ANY: Final[Mapping[str, st.SearchStrategy[Words]]] = {
    **code.STRATEGIES,
    **settings.STRATEGIES,
    **pages.STRATEGIES,
}
