"""A fake Slack that holds Slack's rules, for stories in which the bot runs as a process of its own.

slack = FakeSlack(mode="http")                       # or "socket"
await slack.start()                                  # then start the bot with slack.environment
slack.target = "http://127.0.0.1:8080/slack/events"  # "http" only
anna = slack.add_user("anna", "Anna Ek")
place = slack.add_channel("some", [anna])
slack.invite_bot(place)
await slack.command(anna, "/sm-question", channel=place)
await slack.wait_for(lambda: slack.modal(anna))
outcome = await slack.submit(anna, {"Account": "Instagram", "Link": "https://example.org/p/1"})
assert outcome.ok, outcome.errors
card = await slack.wait_for(lambda: slack.posts(place))
await slack.press(anna, card[0], "I take it")
assert slack.plain(card[0]) and not slack.violations and not slack.user_errors
await slack.stop()
"""

from tests.fakes.slack.client import FakeSlack, Outcome
from tests.fakes.slack.reading import Live, live_mentions, mentioned, plain
from tests.fakes.slack.server import Call
from tests.fakes.slack.state import Channel, Message, User, View

__all__ = [
    "Call",
    "Channel",
    "FakeSlack",
    "Live",
    "Message",
    "Outcome",
    "User",
    "View",
    "live_mentions",
    "mentioned",
    "plain",
]
