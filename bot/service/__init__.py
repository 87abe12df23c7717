"""The use cases: one function, one transaction. Nothing here knows a platform; nothing here sends."""

from bot.service import (
    accounts,
    alarms,
    approvals,
    closing,
    joining,
    judging,
    moderation,
    new_account,
    overview,
    people,
    questions,
    removal,
    requests,
    rounds,
    runs,
    setup,
    trouble,
)

FEATURES = (
    rounds.FEATURE,
    setup.FEATURE,
    questions.FEATURE,
    alarms.FEATURE,
    accounts.FEATURE,
    new_account.FEATURE,
    closing.FEATURE,
    runs.FEATURE,
    moderation.FEATURE,
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
