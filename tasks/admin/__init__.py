from tasks.admin import (
    answer_template,
    boundary,
    calendar_address,
    claim,
    group_claim,
    helper_group,
    rule,
    shift,
    steward_post,
    suggestion,
    task,
    wish,
)

__all__ = [
    "answer_template",
    "boundary",
    "calendar_address",
    "claim",
    "group_claim",
    "helper_group",
    "rule",
    "shift",
    "steward_post",
    "suggestion",
    "task",
    "wish",
]
