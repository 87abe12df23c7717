"""The trial: only these channels, everything else silent; alarms get through from anywhere (users.md U11)."""

from dataclasses import replace

from bot import rights
from bot.model import Place, Refused
from bot.screens import pilot as screens
from bot.service.base import Feature, Verb, Work, several, text
from bot.view import Ask, Reply, Tell, Values


def places(work: Work) -> list[Place]:
    """The places in which accounts are, or may be."""
    used = {a.place for a in work.register.accounts.values() if a.state != "closed"}
    return [p for p in work.register.places.values() if p.id in used and not p.gone]


async def open_pilot(work: Work, _arg: str = "") -> Reply:
    rights.trial(work.register, work.actor)
    return Ask(form=screens.form(work.eyes, places(work)))


async def submit(work: Work, _state: str, values: Values) -> Reply:
    """A trial that ends lets the rest begin on the next working day: nobody is met by all of it at once."""
    rights.trial(work.register, work.actor)
    office = work.register.office
    match text(values, "how"):
        case "all" if office.pilot is None:
            after = office
        case "all":
            after = replace(office, pilot=None, pilot_over=work.today)
        case "some":
            after = replace(office, pilot=_chosen(work, values), pilot_over=None)
        case _:
            raise Refused("form.choose", field="how")
    if after != office:
        await work.tx.save_office(after)
    eyes = replace(work.eyes, register=replace(work.register, office=after))
    return Tell(card=screens.saved(eyes, eyes.register.silent_accounts))


def _chosen(work: Work, values: Values) -> frozenset[str]:
    chosen = frozenset(several(values, "places"))
    if not chosen or not chosen <= set(work.register.places):
        raise Refused("form.choose", field="places")
    return chosen


FEATURE = Feature(verbs={"pilot.open": Verb(run=open_pilot, writes=False)}, forms={"pilot": submit})
