"""A plan's numbers as GitLab's report of Terraform plans has them (`reports: terraform`),
which a merge request shows."""

import json

from wpstate.model.change import Action
from wpstate.model.plan import Plan


def plan_counts(plan: Plan) -> str:
    actions = [change.action for site in plan.sites for change in site.changes]
    created, deleted = actions.count(Action.CREATE), actions.count(Action.DELETE)
    update = len(actions) - created - deleted
    return json.dumps({"create": created, "update": update, "delete": deleted})
