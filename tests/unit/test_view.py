"""What a person sees, written down and read back."""

from datetime import UTC, date, datetime

from pydantic import TypeAdapter

from bot import view
from bot.model import PersonId
from bot.view import Ask, Card, Form, Option, Reply, Tell

REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
PARTS = (
    view.Text(text="a"),
    view.Quote(text="a"),
    view.Facts(rows=(("a", "b"),)),
    view.Items(items=(view.Item(text="a", button=view.Button(verb="v", label="l")),)),
    view.Cite(rule="r", section="s"),
    view.People(people=(view.Mention(person=PersonId("p"), name="n"),), text="t"),
    view.Divider(),
)
FIELDS = (
    view.Line(id="a", label="A", value="x"),
    view.Lines(id="b", label="B", value="x"),
    view.Choice(id="c", label="C", options=(Option(id="o", label="O"),), value="o"),
    view.Choices(id="d", label="D", options=(Option(id="o", label="O"),), value=("o",)),
    view.Date(id="e", label="E", value=date(2026, 11, 23)),
    view.Moment(id="f", label="F", value=datetime(2026, 11, 23, 9, tzinfo=UTC)),
    view.PersonField(id="g", label="G", value=PersonId("p")),
    view.PeopleField(id="h", label="H", value=(PersonId("p"),)),
    view.PlaceField(id="i", label="I", value="x:y:z"),
    view.Toggle(id="j", label="J", value=True),
)


def test_a_repeated_request_is_answered_with_the_very_card_and_form_it_was_given():
    for reply in (
        Tell(card=Card(title="t", parts=PARTS)),
        Ask(form=Form(id="f", title="t", fields=FIELDS, intro=PARTS)),
    ):
        assert REPLY.validate_json(REPLY.dump_json(reply)) == reply
