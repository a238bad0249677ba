"""A staging asks for all that its live site asks, is hidden, and sends no mail."""

from tests.unit.desired.folders import sound_fleet
from wpstate.desired.compose import compose
from wpstate.model.desired import DesiredState
from wpstate.model.state import State

_HOSTS = (
    "all: {vars: {ansible_host: web1.example.org, ansible_user: agency},"
    " hosts: {boutique: {wp_path: /home/b/www}, staging: {wp_path: /home/s/www}}}\n"
)
_LIVE = (
    "url: https://boutique.example\nprofiles: [care]\nclient: boutique\n"
    "plugins: {akismet: 5.5}\noptions: {blog_public: 1, blogname: Boutique}\n"
    "content: {indexable: true, home: accueil}\n"
)


def _staging(text: str = "") -> DesiredState:
    staging = f"url: https://staging.example\nstaging_of: boutique\n{text}"
    fleet = compose(sound_fleet(hosts=_HOSTS, sites__boutique=_LIVE, sites__staging=staging))
    live, found = fleet.sites
    assert {m.address: m.want for m in live.managed}["options.blog_public"] == State(value="1")
    assert found.site.id == "staging"
    assert found.site.url == "https://staging.example"
    return found


def test_it_inherits_and_is_hidden() -> None:
    staging = _staging()
    wants = {str(m.address): m.want for m in staging.managed}
    assert wants["plugins.akismet"].version == "5.5"
    assert wants["content.home"] == State(value="accueil")
    assert wants["options.blogname"] == State(value="Boutique")
    assert wants["options.blog_public"] == State(value="0")
    assert wants["mail.sending"] == State(value="off")
    assert staging.profiles == ("care",)
    assert staging.client == "boutique"
    hidden = next(m for m in staging.managed if m.address == "options.blog_public")
    assert str(hidden.span) == "sites/staging.yml:2:13"
    assert [str(span) for span in hidden.overrides] == ["sites/boutique.yml:5:24"]
    live_says = {s.key: s.value for s in staging.settings}["content.indexable"]
    assert live_says == "false"


def test_its_own_file_wins_over_what_it_inherits() -> None:
    wants = {str(m.address): m.want for m in _staging("plugins: {akismet: approved}\n").managed}
    assert wants["plugins.akismet"].version == "5.7.2"
    again = {str(m.address): m.want for m in _staging("profiles: [care]\n").managed}
    assert again["plugins.akismet"].version != "5.5"


def test_mail_may_be_off_anywhere() -> None:
    text = "url: https://boutique.example\nmail: off\n"
    (site,) = compose(sound_fleet(sites__boutique=text)).sites
    assert [(m.address, m.want.value) for m in site.managed] == [("mail.sending", "off")]
    assert site.questions["mail"]
