"""What can be done about a site that could not be seen.

Pure. Which refusals follow is left to gates, what a site is fit for to fitness.
"""

from wpstate.model.observed import Fault
from wpstate.model.site import SiteId


def mend_of(fault: Fault, site: SiteId) -> str:
    match fault.code:
        case "host_key":
            return f"wpstate trust {site}"
        case "banned":
            return (
                "ask the hoster whether this machine's address is banned (fail2ban-client status "
                "sshd); `connections_per_minute:` in hosts.yml makes us knock less often"
            )
        case _:
            return f"wpstate observe {site}"
