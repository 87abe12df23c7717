"""Nightly: each account has two people who can be reached; what lacks is said once, and again if it breaks anew."""

from dataclasses import replace

from bot.guard import lack_of
from bot.model import Absence, PersonId
from bot.register import Register
from bot.texts import Texts
from smbot.doctor import of_guard
from tests.world import DAY, MONDAY, at, words, world

MON = MONDAY.date()
TUE, WED, THU, FRI = (MON + n * DAY for n in range(1, 5))


async def leaves(w, who: str, *, active: bool = False) -> None:
    person = (await w.register()).people[PersonId(who)]
    await w.seed(lambda tx: tx.save_person(replace(person, active=active)))


async def live(w, day) -> None:
    """The night, the heads' morning and the digest of a day."""
    for hour, minute in ((0, 5), (9, 31), (15, 31)):
        await w.hop(at(day, hour, minute))


def told(w, to: str, day) -> str:
    return "\n".join(words(p.card) for p in w.posts(to, day))


async def test_somebody_who_left_is_said_once_to_the_head_and_in_the_digest_and_again_after_it_broke_anew(
    tmp_path,
):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await live(w, MON)
        await leaves(w, "bo")
        await live(w, TUE)
        assert "@bio0 (Instagram): Bo Lind finns inte längre i chatten; du behöver utse någon" in told(
            w, "@heidi", TUE
        )
        line = "@bio0 (Instagram): Bo Lind finns inte längre i chatten; Heidi Berg behöver utse någon"
        assert line in told(w, "kommunikation", TUE)
        listed = words((await w.say("olle", "sm-accounts")).card)
        assert "någon av personerna finns inte längre i chatten (Heidi Berg behöver utse någon)" in listed
        assert "Bo Lind" not in listed
        assert "@bio0" in words((await w.press("karin", "account.gaps")).card)

        await live(w, WED)
        await leaves(w, "bo", active=True)
        await w.hop(at(THU, 0, 5))
        assert "finns inte längre" not in told(w, "@heidi", WED) + told(w, "kommunikation", WED)
        await leaves(w, "bo")
        await live(w, FRI)
        assert "Bo Lind finns inte längre" in told(w, "@heidi", FRI)
        assert "Bo Lind finns inte längre" in told(w, "kommunikation", FRI)
        assert len(w.posts("@heidi", FRI)) == 1


async def test_the_deputy_hears_it_while_the_head_is_away_and_what_is_mended_before_morning_nobody(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        away = Absence(id="h", person=PersonId("heidi"), first=TUE, last=TUE)
        await w.seed(lambda tx: tx.save_absence(away))
        await live(w, MON)
        await leaves(w, "bo")
        await live(w, TUE)
        assert "Heidi Berg behöver utse någon" in told(w, "@dag", TUE)
        assert "Bo Lind" not in told(w, "@heidi", TUE)
        await w.hop(at(WED, 0, 5))
        await leaves(w, "bo", active=True)
        await leaves(w, "anna")
        await w.hop(at(THU, 0, 5))
        await leaves(w, "anna", active=True)
        await w.hop(at(THU, 10))
        assert "Anna Ek finns inte" not in told(w, "@heidi", THU)


async def test_the_doctor_names_each_account_without_two_reachable_people(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=1) as w:
        assert not list(of_guard(await w.register(), w.bot.pack, Texts("sv"), None))
        register = await w.register()
        lone = replace(register.accounts["kem0"], people=(PersonId("anna"), PersonId("utan")))
        await w.seed(lambda tx: tx.save_account(lone))
        (found,) = of_guard(await w.register(), w.bot.pack, Texts("sv"), None)
        assert found.text(Texts("sv")) == (
            "@kem0 (Instagram): färre än två går att nå i chatten; Heidi Berg behöver utse någon."
        )


async def test_what_an_account_lacks_is_the_most_telling_thing_alone(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        register: Register = await w.register()
        account = register.accounts["bio0"]

        def lack(**changes: object):
            return lack_of(replace(register, **changes), account, None)

        away = tuple(Absence(id=p, person=PersonId(p), first=TUE, last=WED) for p in ("anna", "bo"))
        assert lack() is None
        assert lack(absences=away) is None, "of days on which all are away the head is asked otherwise"
        gone = tuple(replace(i, gone=i.person == "bo") for i in register.identities)
        assert lack(identities=gone).kind == "few"
        assert lack_of(register, account, {"teams"}).kind == "few"
        people = {**register.people, PersonId("bo"): replace(register.people[PersonId("bo")], active=False)}
        assert lack(people=people, identities=gone).people == ("bo",)
        alone = replace(account, people=(PersonId("anna"),))
        assert lack_of(register, alone, {"teams"}) is None
        assert lack_of(register, replace(account, state="paused"), {"teams"}) is None
