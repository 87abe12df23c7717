"""The use cases: one function, one transaction. Nothing here knows a platform; nothing here sends."""

from bot.service import (
    accounts,
    alarms,
    approvals,
    gaps,
    importing,
    joining,
    judging,
    overview,
    people,
    questions,
    removal,
    requests,
    rounds,
    runs,
    setup,
    starting,
    trouble,
)

FEATURES = (
    rounds.FEATURE,
    setup.FEATURE,
    questions.FEATURE,
    alarms.FEATURE,
    accounts.FEATURE,
    importing.FEATURE,
    starting.FEATURE,
    gaps.FEATURE,
    runs.FEATURE,
    requests.FEATURE,
    approvals.FEATURE,
    judging.FEATURE,
    people.FEATURE,
    joining.FEATURE,
    overview.FEATURE,
    trouble.FEATURE,
    removal.FEATURE,
)
"""What the desk offers, module by module."""
