"""All formats of facts. A new one is a module and one line here."""

from collections.abc import Mapping
from typing import Final

from wpstate.resources.feeds.feed import Feed
from wpstate.resources.feeds.wordfence import WordfenceFeed
from wpstate.resources.feeds.wordpress_org import WordpressOrgFeed
from wpstate.resources.feeds.wpscan import WpscanFeed
from wpstate.resources.feeds.wpvulnerability import WpvulnerabilityFeed

FEEDS: Final[Mapping[str, Feed]] = {
    feed.name: feed
    for feed in (WordfenceFeed(), WpscanFeed(), WpvulnerabilityFeed(), WordpressOrgFeed())
}
"""By the key below `facts`."""
