"""What each act of the one story stands on: who plays it, under which guidelines, and when its days are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tests.flows.player import STOCKHOLM, Player


@dataclass
class Act:
    """`monday` begins the story's first whole week; `pack` are the guidelines that hold."""

    player: Player
    monday: date
    pack: str

    def on(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A moment, `day` days after the first Monday."""
        return datetime.combine(self.monday + timedelta(days=day), time(hour, minute), STOCKHOLM)
