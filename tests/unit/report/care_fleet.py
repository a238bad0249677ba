"""A proposal as agencies make them, without hosts: 300 sites of 60 clients, composed of files, of
which the head raises some versions; and what their probes would have told, each in its own trouble.
"""

from dataclasses import replace
from random import Random

from tests.builders import NOW
from tests.builders import observed as observed_as
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState, Fleet
from wpstate.model.facts import Known
from wpstate.model.observed import Fault, ObservedState
from wpstate.model.proposal import Proposal
from wpstate.model.state import State
from wpstate.planning.build import build
from wpstate.planning.proposal import judged_by, radius

SITES = 300
_TOWNS = ("lyon", "nantes", "lille", "rennes", "brest", "dijon", "tours", "metz", "nancy", "caen")
_TRADES = ("boulangerie", "mairie", "atelier", "librairie", "cabinet", "hotel", "garage", "ecole")
_OLD = {
    "woocommerce": "9.1.2", "wordpress-seo": "23.4", "contact-form-7": "5.9.8",
    "redirection": "5.4.2",
    "wp-rocket": "3.16.3", "classic-editor": "1.6.4", "akismet": "5.7.1",
}  # fmt: skip
_NEW = {
    **_OLD,
    "woocommerce": "9.1.4", "wordpress-seo": "23.6", "contact-form-7": "5.9.9",
    "redirection": "5.5.0",
    "wp-rocket": "3.16.5",
}  # fmt: skip
_CORE = f"{{sha256: {'b' * 64}, database: 1}}"
_FLEET = """name: agency
rings: {canary: at once, early: {after: 24h, share: 20%}, everyone: {after: 48h}}
"""
_WINDOWS = ("tue 02:00-05:00 Europe/Paris", "sun 22:00-23:30 Europe/Paris", "daily 03:00-04:00 UTC")


def files(versions: dict[str, str]) -> dict[str, str]:
    """By path, as a fleet folder has them."""
    plugins = "".join(f"  {slug}: {version}\n" for slug, version in versions.items())
    lock = "".join(
        f"  {slug}:\n"
        + "".join(f"    {v}: {{sha256: {'a' * 64}}}\n" for v in sorted({_OLD[slug], version}))
        for slug, version in versions.items()
    )
    texts = {
        "fleet.yml": _FLEET,
        "catalog.yml": f"core: 7.1.1\nplugins:\n{plugins}",
        "catalog.lock.yml": f"core:\n  7.1.1: {_CORE}\nplugins:\n{lock}",
        "profiles/care.yml": "offer: Forfait Essentiel\ncore: approved\nplugins:\n"
        "  wordpress-seo: approved\n  contact-form-7: approved\n  akismet: approved\n",
        "profiles/shop.yml": "extends: care\noffer: Forfait Boutique\nplugins:\n"
        "  woocommerce: approved\n  wp-rocket: approved\n",
    }  # fmt: skip
    hosts = []
    for number in range(SITES):
        name = site_name(number)
        hosts.append(
            f"    {name}:\n      ansible_user: u{number}\n      wp_path: /home/u{number}/www\n"
        )
        pinned = "\n  wordpress-seo: 23.4" if number % 23 == 0 else ""
        built = "\n  redirection: approved" if number % 4 == 0 else ""
        texts[f"sites/{name}.yml"] = (
            f"url: https://www.{name}.example\nclient: {client_of(number)}\n"
            f"profiles: [{'shop' if number % 3 == 0 else 'care'}]\n"
            f"updates: {{window: {_WINDOWS[number % 3]}}}\n"
            f"plugins:\n  classic-editor: approved{built}{pinned}\n"
        )
    texts["hosts.yml"] = f"all:\n  vars: {{ansible_host: h.example}}\n  hosts:\n{''.join(hosts)}"
    return texts


def site_name(number: int) -> str:
    return f"{_TRADES[number % 8]}-{_TOWNS[number // 8 % 10]}-{number:03}"


def client_of(number: int) -> str:
    return f"{_TRADES[number % 8]}-{_TOWNS[number // 8 % 10]}"


def proposal() -> Proposal:
    return proposed(compose(files(_OLD)), compose(files(_NEW)))


def proposed(base: Fleet, head: Fleet) -> Proposal:
    random = Random(7)
    asked = [judged_by(one, other) for one, other in zip(base.sites, head.sites, strict=True)]
    pairs = [(one, _seen(one, n, random)) for n, one in enumerate(asked)]
    plan = build("p-1", base.name, pairs, revision="a" * 40, dirty=False, now=NOW, known=Known(NOW))
    far = radius(base, plan)
    return Proposal("b" * 40, "a" * 40, plan, far, (), (), (), 0, "d" * 64)


def _seen(desired: DesiredState, number: int, random: Random) -> ObservedState:
    """As the older files have it, more or less."""
    states = {"core.version": State(version="7.1.1"), "core.database": State(value=1)}
    for managed in desired.managed:
        if managed.address.startswith("plugins."):
            old = _OLD[managed.address.partition(".")[2]]
            states[managed.address] = State(version=old, active=True)
    applied = dict(states)
    if number % 11 == 0:
        states["plugins.akismet"] = State(version="5.7.1", active=False)
    if "plugins.woocommerce" in states:
        states["migrations.woocommerce"] = State(value="none")
    if number % 7 == 0:
        states["plugins.duplicator"] = State(version="1.5.9", active=True)
    seen = observed_as(states, applied=applied)
    if number % 37 == 5:
        seen = replace(seen, faults=(Fault("unreachable", "no route to host (h.example:22)"),))
    answer: dict[str, object] = {
        "woocommerce": {"has": "9.1.0", "asks": "9.1.0", "left": None, "due_s": None}
    }
    told = (("migrations", answer),) if "plugins.woocommerce" in states else ()
    seen = replace(seen, answers=told, home_url=desired.site.url)
    free = 150_000_000 if number % 41 == 3 else random.randrange(2, 80) * 1_000_000_000
    return replace(seen, site=desired.site.id, free_bytes=free)
