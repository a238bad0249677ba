"""What workflows need from the outside, as protocols. Adapters fulfil them; wiring joins them.

Every method says whether it may be repeated and which errors it raises. Text that comes from a
site is untrusted in every return value.
"""

from wpstate.ports.branches import Author, Branches, BranchWritten, Change, Outcome
from wpstate.ports.controller import (
    ArtifactStore,
    CacheSender,
    Clock,
    DeepLooks,
    Interrupts,
    KeptFiles,
    Ledger,
    Passes,
    Progress,
    Revisions,
    Secrets,
    SiteRuns,
    Visitor,
)
from wpstate.ports.facts import FactDocuments, Facts, FactStore
from wpstate.ports.forge import Forge
from wpstate.ports.hideaway import Hideaway, OpenHideaway
from wpstate.ports.history import ShownPlans
from wpstate.ports.hosts import (
    CommandResult,
    HostKey,
    HostKeys,
    HostShell,
    Observer,
    Probe,
    Shells,
)
from wpstate.ports.leftovers import ABANDONED_AFTER_S, Ended, Holder, Leftovers, OpenLeftovers
from wpstate.ports.net import (
    CodeCopy,
    Drained,
    Frozen,
    Held,
    OpenNet,
    Restored,
    SafetyNet,
    SnapshotTaken,
    TablesCopy,
    TreeChange,
)
from wpstate.ports.notices import Notices, Outgoing
from wpstate.ports.playbooks import PlaybookResult, Playbooks, TaskFailure, WaitingPlaybook
from wpstate.ports.service import MakesPasses, PassEnded
from wpstate.ports.trial import OpenTrial, Placed, Trial
from wpstate.ports.vault import Filed, Vault

__all__ = [
    "ABANDONED_AFTER_S",
    "ArtifactStore",
    "Author",
    "BranchWritten",
    "Branches",
    "CacheSender",
    "Change",
    "Clock",
    "CodeCopy",
    "CommandResult",
    "DeepLooks",
    "Drained",
    "Ended",
    "FactDocuments",
    "FactStore",
    "Facts",
    "Filed",
    "Forge",
    "Frozen",
    "Held",
    "Hideaway",
    "Holder",
    "HostKey",
    "HostKeys",
    "HostShell",
    "Interrupts",
    "KeptFiles",
    "Ledger",
    "Leftovers",
    "MakesPasses",
    "Notices",
    "Observer",
    "OpenHideaway",
    "OpenLeftovers",
    "OpenNet",
    "OpenTrial",
    "Outcome",
    "Outgoing",
    "PassEnded",
    "Passes",
    "Placed",
    "PlaybookResult",
    "Playbooks",
    "Probe",
    "Progress",
    "Restored",
    "Revisions",
    "SafetyNet",
    "Secrets",
    "Shells",
    "ShownPlans",
    "SiteRuns",
    "SnapshotTaken",
    "TablesCopy",
    "TaskFailure",
    "TreeChange",
    "Trial",
    "Vault",
    "Visitor",
    "WaitingPlaybook",
]
