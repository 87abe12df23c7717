"""The cases: whatever waits for a person. Each has one pure decide function."""

from bot.cases.alarm import Alarm
from bot.cases.base import Move, Record, TimePassed
from bot.cases.filing import Filing
from bot.cases.handover import Handover
from bot.cases.moderation import Moderation
from bot.cases.practice import Practice
from bot.cases.question import Question
from bot.cases.round import Line, Round
from bot.cases.run import Run
from bot.cases.start import Start
from bot.cases.watch import Watch
from bot.cases.yearly import Yearly

Case = Round | Question | Alarm | Run | Filing | Moderation | Start | Practice | Yearly | Watch | Handover
"""Told apart by the literal field `case`."""

__all__ = [
    "Alarm",
    "Case",
    "Filing",
    "Handover",
    "Line",
    "Moderation",
    "Move",
    "Practice",
    "Question",
    "Record",
    "Round",
    "Run",
    "Start",
    "TimePassed",
    "Watch",
    "Yearly",
]
