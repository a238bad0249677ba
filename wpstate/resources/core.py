"""WordPress itself: its version, the database version that goes with it, its locale."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from wpstate.model.adopted import Words
from wpstate.model.change import Change
from wpstate.model.desired import Artifact, DesiredState, LeftAlone, Managed
from wpstate.model.facts import CORE, Part
from wpstate.model.imported import Written
from wpstate.model.node import Text
from wpstate.model.observed import ObservedState
from wpstate.model.problem import Problem
from wpstate.model.shipped import Shipped
from wpstate.model.state import Address, Json, State, name_of
from wpstate.resources.catalog import Catalog
from wpstate.resources.kind import Kind
from wpstate.resources.said import Parsed, Said, pin_problem

VERSION: Final = Address("core.version")
DATABASE: Final = Address("core.database")
LOCALE: Final = Address("core.locale")
ENGLISH: Final = "en_US"
"""The locale of WordPress without a language pack: its option WPLANG is then empty."""

TABLES: Final = (
    "commentmeta", "comments", "links", "options", "postmeta", "posts", "term_relationships",
    "term_taxonomy", "termmeta", "terms", "usermeta", "users",
)  # fmt: skip
"""wpdb::$tables and $global_tables of a single site, WordPress 7.1.1."""

# Languages whose locale on wordpress.org is not the language's code alone.
# Source: WordPress 7.1, wp-admin/includes/translation-install.php and the list of locales.
_LOCALES: Final = {
    "cs": "cs_CZ", "da": "da_DK", "de": "de_DE", "en": "en_US", "es": "es_ES", "fr": "fr_FR",
    "he": "he_IL", "hu": "hu_HU", "it": "it_IT", "nb": "nb_NO", "nl": "nl_NL", "pl": "pl_PL",
    "pt": "pt_PT", "ro": "ro_RO", "ru": "ru_RU", "sk": "sk_SK", "sl": "sl_SI", "sv": "sv_SE",
    "tr": "tr_TR", "zh": "zh_CN",
}  # fmt: skip


class CoreKind(Kind):
    name = "core"
    stays_with = "its files and its tables fit only together"
    short_form: str | None = "version"
    orders_values = True
    in_wordpress = False
    touches = TABLES

    def parse_desired(
        self, said: Mapping[str, Said], catalog: Catalog, language: Text | None
    ) -> Parsed:
        managed: list[Managed] = []
        problems: list[Problem] = []
        version = said.get("version")
        until = _beside(version, said.get("until"))
        asked = version.value if version else None
        if version and isinstance(asked, Text):
            if asked.text == "approved" and catalog.core is None:
                problems.append(_not_approved(version, asked))
            else:
                why = _beside(version, said.get("why"))
                managed.extend(_versions(version, asked, catalog, why, until))
        auto = _word(said, "auto_updates")
        if auto in ("minor", "on"):
            managed = [replace(each, floats=auto) for each in managed]
        pinned = isinstance(asked, Text) and asked.text != "approved"
        stray = pin_problem("core.until", until, pinned=pinned)
        if stray:
            problems.append(stray)
        managed.extend(_locale(said.get("locale"), language))
        keeper = _word(said, "managed_by")
        if keeper == "client":
            left = tuple(LeftAlone(each.address, keeper, each.asked_by) for each in managed)
            return Parsed((), left, tuple(problems))
        if keeper in ("host", "composer"):
            managed = [replace(each, applies=False, label=keeper) for each in managed]
        return Parsed(tuple(managed), (), tuple(problems))

    def adopted(
        self, observed: ObservedState, catalog: Catalog, *, follow: bool
    ) -> Iterable[Written]:
        version, locale = observed.state(VERSION).version, observed.state(LOCALE).value
        if version:
            approved = catalog.core is not None and catalog.core.text == version
            value = "approved" if follow and approved else version
            yield Written((self.name, "version"), value, (VERSION, DATABASE))
        if locale is not None:
            yield Written((self.name, "locale"), str(locale), (LOCALE,))

    def written(
        self,
        address: Address,
        seen: State,
        desired: DesiredState,
        observed: ObservedState,
        catalog: Catalog,
    ) -> Words | str:
        keys = (self.name,)
        if address == LOCALE:
            return Words(keys, {"locale": str(seen.value)}, "version")
        if address == DATABASE or seen.version is None:
            return f"it follows from the version: adopt {VERSION}, or revert it"
        approved = catalog.core is not None and catalog.core.text == seen.version
        version = "approved" if approved else seen.version
        return Words(keys, {"version": version, "until": None, "why": None}, "version", "why")

    def parse_observed(self, seen: Json) -> Iterable[tuple[Address, State]]:
        core, options = seen.get("core"), seen.get("options")
        if isinstance(core, dict):
            yield VERSION, State(version=core["version"])
        if isinstance(options, dict):
            # get_locale (WordPress 7.1.1): the option decides even when empty, then the package.
            package = core.get("locale") if isinstance(core, dict) else None
            yield LOCALE, State(value=options.get("WPLANG", package) or ENGLISH)
            if options.get("db_version", "").isdecimal():
                yield DATABASE, State(value=int(options["db_version"][:18]))

    def shipped(self, observed: ObservedState, catalog: Catalog) -> Iterable[Shipped]:
        """Beside its two folders PHP files count: nobody else puts code there."""
        version = observed.state(VERSION).version
        if version and observed.paths:
            artifact, below = catalog.core_artifact(version), ("wp-admin", "wp-includes")
            without = ("wp-config.php", "wp-config-sample.php")
            yield Shipped(VERSION, version, artifact, observed.paths.wp, below, True, without)

    def traces(self, address: Address, observed: ObservedState) -> tuple[str, ...]:
        if address == LOCALE:
            return (str(address), "options.WPLANG")
        return (str(VERSION),)

    def role_vars(self, changes: Sequence[Change], observed: ObservedState) -> Json:
        """Its role and the start of WordPress have variables of their own (planning.role_vars)."""
        return {}

    def in_feeds(
        self,
        name: str,
        version: str,
        artifact: Artifact | None,
        observed: ObservedState | None,
    ) -> tuple[Part, ...]:
        return (CORE, ("core", version.replace(".", ""))) if name == name_of(VERSION) else ()


def _word(said: Mapping[str, Said], key: str) -> str | None:
    words = said.get(key)
    return words.value.text if words and isinstance(words.value, Text) else None


def _beside(version: Said | None, other: Said | None) -> Text | None:
    """`why` and `until` speak of the version in the same file, never of one that overrode it."""
    if version is None or other is None or not isinstance(other.value, Text):
        return None
    return other.value if other.value.span.file == version.value.span.file else None


def _versions(
    said: Said, asked: Text, catalog: Catalog, why: Text | None, until: Text | None
) -> tuple[Managed, ...]:
    approved = catalog.core if asked.text == "approved" else None
    decides = approved or asked
    version = Managed(
        address=VERSION,
        want=State(version=decides.text),
        span=decides.span,
        asked_by=asked.span,
        overrides=said.overrides,
        label="approved" if approved else "pinned",
        pinned_until=until.text if until else None,
        why=why.text if why else None,
        artifact=catalog.core_artifact(decides.text),
    )
    database = catalog.database_versions.get(decides.text)
    if database is None:
        return (version,)
    return (
        replace(version, address=DATABASE, want=State(value=database), artifact=None),
        version,
    )


def _locale(said: Said | None, language: Text | None) -> tuple[Managed, ...]:
    if said and isinstance(said.value, Text):
        asked, locale, overrides = said.value, said.value.text, said.overrides
    elif language:
        asked, locale, overrides = language, _LOCALES.get(language.text, language.text), ()
    else:
        return ()
    return (
        Managed(
            address=LOCALE,
            want=State(value=locale),
            span=asked.span,
            asked_by=asked.span,
            overrides=overrides,
            label="language" if said is None else "locale",
        ),
    )


def _not_approved(said: Said, asked: Text) -> Problem:
    return Problem(
        "desired.not_in_catalog",
        "approved stands for a version that the catalog does not name",
        asked.span,
        str(VERSION),
        overrides=said.overrides[0] if said.overrides else None,
        found='"approved"',
        why="catalog.yml has no `core`",
        mend="write `core: VERSION` into catalog.yml, or an exact version here",
    )
