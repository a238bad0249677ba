"""One plan in the words of whoever reads it: a forge's comment, its annotations, its reports."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wpstate.model.plan import Plan
from wpstate.model.proposal import Proposal
from wpstate.report.annotations import annotations
from wpstate.report.gitlab import plan_counts
from wpstate.report.junit import junit
from wpstate.report.markdown import plan_markdown
from wpstate.report.personal import masked_plan, masked_proposal
from wpstate.report.proposal_markdown import MOST_BYTES, plan_comment, proposal_markdown
from wpstate.report.record import to_json
from wpstate.report.sarif import sarif
from wpstate.report.told import Lines, Told, tellings

SUMMARY_BYTES = 1_000_000
"""Of a step summary on GitHub, which takes 1 MiB and drops one that is longer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan, and what stands beside it."""

    plan: Plan
    proposal: Proposal | None
    """What it is the plan of, where a change is proposed."""
    lines: Lines
    prefix: str
    """Of the fleet folder in its repository: `clients/`."""
    artifact: str | None
    """Where the whole plan is kept, for what is cut."""

    @property
    def told(self) -> tuple[Told, ...]:
        policy = self.proposal.policy if self.proposal else ()
        return tellings(self.plan, policy, self.lines)


def rendered(shown: Shown, form: str) -> str:
    """Without a newline at the end. E-mail addresses and webhooks are masked."""
    proposal = masked_proposal(shown.proposal) if shown.proposal else None
    plan = proposal.plan if proposal else masked_plan(shown.plan)
    return _FORMS[form](Shown(plan, proposal, shown.lines, shown.prefix, shown.artifact)).rstrip()


def summary(shown: Shown) -> str:
    """What is shown below a job: more of the same than fits into a comment."""
    return _comment(shown, SUMMARY_BYTES)


def _comment(shown: Shown, most_bytes: int) -> str:
    if shown.proposal:
        return proposal_markdown(
            masked_proposal(shown.proposal),
            most_bytes=most_bytes,
            artifact=shown.artifact,
        )
    plan = masked_plan(shown.plan)
    return plan_comment(plan, most_bytes=most_bytes, artifact=shown.artifact)


def _markdown(shown: Shown) -> str:
    """Few sites are told one below the other; what is too long for a forge is folded and cut."""
    if shown.proposal is None:
        text = plan_markdown(shown.plan)
        if len(text.encode("utf-8", "surrogatepass")) <= MOST_BYTES:
            return text
    return _comment(shown, MOST_BYTES)


def _json(shown: Shown) -> str:
    return to_json(shown.proposal or shown.plan)


def _sarif(shown: Shown) -> str:
    return sarif(shown.told, prefix=shown.prefix)


def _junit(shown: Shown) -> str:
    return junit(shown.plan, shown.proposal.withheld if shown.proposal else ())


def _gitlab(shown: Shown) -> str:
    return plan_counts(shown.plan)


def _github(shown: Shown) -> str:
    return "\n".join(annotations(shown.told, prefix=shown.prefix))


_FORMS: Mapping[str, Callable[[Shown], str]] = {
    "json": _json,
    "markdown": _markdown,
    "sarif": _sarif,
    "junit": _junit,
    "gitlab": _gitlab,
    "github": _github,
}
FORMS = tuple(_FORMS)
