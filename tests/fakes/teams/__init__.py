"""A fake Teams that holds Microsoft's rules: key server, token server, Bot Connector, and people's hands and eyes.

teams = FakeTeams()
await teams.start()                                     # then start the bot with teams.environment
teams.target = "http://127.0.0.1:8080/api/messages"
anna = teams.add_user("Anna Lind")
library = teams.add_team("Library", [anna])             # has the app; `install` tells the bot so
place = teams.add_channel(library, "Social media")
await teams.say(anna, place, "sm-question")
card = (await teams.wait_for(lambda: teams.targeted(anna)))[-1]
await teams.press(anna, card, "Open")                   # opens a dialog
outcome = await teams.submit(anna, {"Account": "Instagram"})
assert outcome.ok, outcome
post = (await teams.wait_for(lambda: teams.posts(place)))[-1]
await teams.press(anna, post, "I take it")
assert teams.plain(post) and not teams.violations and not teams.user_errors
await teams.stop()
"""

from tests.fakes.teams.client import FakeTeams
from tests.fakes.teams.connector import Call
from tests.fakes.teams.delivery import Outcome
from tests.fakes.teams.files import Kept
from tests.fakes.teams.keys import FORGERIES
from tests.fakes.teams.reading import Live, live_mentions, plain
from tests.fakes.teams.state import Dialog, Message, Notice

__all__ = [
    "FORGERIES",
    "Call",
    "Dialog",
    "FakeTeams",
    "Kept",
    "Live",
    "Message",
    "Notice",
    "Outcome",
    "live_mentions",
    "plain",
]
