"""Whether a site sends mail. `off` is one mu-plugin of ours, by whose bytes it is known.

It stands before all that a site's own code hands to wp_mail(); what calls PHP's mail() or a mail
service by itself is not held back, and nothing here claims so.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import DesiredState, LeftAlone, Managed
from wpstate.model.imported import Written
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.state import Address, Json, State
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said

SENDING: Final = Address("mail.sending")
FILE: Final = "wpstate-no-mail.php"
CODE: Final = """<?php
/*
 * Written by wpstate: this site sends no mail (`mail: off` in its fleet). Changed there, not here.
 * Core and plugins are told that their mail was sent.
 */
add_filter( 'pre_wp_mail', '__return_true', PHP_INT_MAX );
if ( ! function_exists( 'wp_mail' ) ) {
	function wp_mail( $to, $subject, $message, $headers = '', $attachments = array() ) {
		return true;
	}
}
"""
_SHA256: Final = hashlib.sha256(CODE.encode()).hexdigest()


class MailKind(Kind):
    name = "mail"
    short_form: str | None = "sending"
    adopts = "mail: on"

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        """`on` too: a copy of a staging site would bring the file that makes it `off`."""
        value = observed.state(SENDING).value
        if value == "on":
            yield Written((self.name,), "on", (SENDING,))
        elif value == "off":
            yield Written((self.name,), "off", (SENDING,), "nobody gets its mail: is that meant?")

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        if seen.value not in ("on", "off"):
            return "somebody edited the file that holds mail back: put it back, or exempt it"
        return Words((self.name,), {"sending": str(seen.value)}, "sending")

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        words = said.get("sending")
        if words is None or not isinstance(words.value, Text):
            return Parsed()
        managed = Managed(
            address=SENDING,
            want=State(value=words.value.text),
            span=words.value.span,
            asked_by=words.value.span,
            overrides=words.overrides,
            label="mail",
        )
        return Parsed((managed,))

    def question(self, managed: Sequence[Managed], left_alone: Sequence[LeftAlone]) -> Json | None:
        return {"file": FILE} if managed else None

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        kinds = seen.get("kinds")
        answer = kinds.get(self.name) if isinstance(kinds, dict) else None
        if isinstance(answer, dict):
            known = {_SHA256: "off", None: "on"}
            yield SENDING, State(value=known.get(answer["sha256"], "on, our mu-plugin was edited"))

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        """Of a file that is gone its folder tells."""
        is_gone = observed.answer(self.name).get("sha256") is None
        return (f"mu_plugins.{FILE}", *(("mu_plugins",) if is_gone else ()))

    def out_of_reach(
        self, managed: Managed, desired: DesiredState, observed: ObservedState
    ) -> str | None:
        paths, folder = observed.paths, observed.answer(self.name).get("folder")
        if paths is not None and isinstance(folder, str) and not folder.startswith(paths.content):
            return f"mu-plugins lie in {folder}, outside what a snapshot holds: move them there"
        return None

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        off = any(change.after.value == "off" for change in changes)
        return {"file": FILE, "code": CODE if off else None}

    def planned_paths(self, changes: Sequence[Change], observed: ObservedState) -> tuple[str, ...]:
        folder = str(observed.answer(self.name).get("folder", ""))
        assert observed.paths is not None
        below = folder.removeprefix(observed.paths.wp.rstrip("/") + "/")
        return (below, f"{below}/{FILE}")
