"""Where the bot comes to and what leaves it: what waited is joined, what is gone is said, what is back goes on."""

from dataclasses import replace

import pytest

from bot.model import Person, PersonId
from bot.ports import Profile
from bot.service.arrivals import Arrival, Removed, Wanted, match, want, wanted
from bot.service.places import FoundPlace
from tests.flows.test_rounds import MON, TUESDAY, round_of
from tests.world import MONDAY, account, at, words, world

HERE = {"platform": "test", "realm": "T1"}


def there(*names: str, **more) -> tuple[FoundPlace, ...]:
    return tuple(FoundPlace(channel=f"19:{n}", name=name, **more) for n, name in enumerate(names))


def somebody(user: str = "u1", email: str = "ny@example.se", **more) -> Profile:
    return Profile(**HERE, user=user, name="Nina Ny", email=email, **more)


async def expect_nina(w) -> None:
    """Nina stands on an account by her e-mail address alone."""

    async def act(tx):
        await tx.save_person(Person(id=PersonId("nina"), name="Nina", email="Ny@Example.se", checked=False))
        kem = (await tx.register()).accounts["kem0"]
        await tx.save_account(replace(kem, people=(PersonId("nina"), PersonId("anna"))))

    await w.seed(act)


async def waits_for(w, name: str, **more) -> None:
    """A channel of the organisation file that nobody has found, with an account and a role."""

    async def act(tx):
        await tx.save_account(replace(account("ny0", "biologi", state="gaps"), place=None))
        await want(
            tx, (Wanted(name=name, hour=at(MON, 10).time(), accounts=("ny0",), roles=("registrar",), **more),)
        )

    await w.seed(act)


async def facts(w):
    async with w.bot.storage.read() as tx:
        return await wanted(tx)


# -- what was waited for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Sociala Medier", "#sociala medier", "Fakulteten > Sociala medier", "Fak / SOCIALA MEDIER"]
)
async def test_a_channel_that_turns_up_later_is_joined_by_its_name_to_be_confirmed(tmp_path, name):
    async with world(tmp_path) as w:
        await waits_for(w, "#sociala medier", welcomed=MON)
        assert (await w.register()).accounts["ny0"].gaps == ("place",)
        await w.desk.arrived(Arrival(**HERE, places=there("Annat", name)))
        register = await w.register()
        place = register.places["test:T1:19:1"]

        assert (register.accounts["ny0"].place, register.accounts["ny0"].state) == (place.id, "live")
        assert register.role_places["registrar"] == place.id
        assert (place.confirmed, place.hour.hour, place.welcomed) == (False, 10, MON)
        assert await facts(w) == ()


async def test_it_is_asked_about_from_the_next_day_on(tmp_path):
    async with world(tmp_path) as w:
        await waits_for(w, "sociala")
        await w.until(at(MON, 8))
        await w.desk.arrived(Arrival(**HERE, places=there("sociala")))
        await w.until(at(TUESDAY, 10, 1))

        assert [p.key.partition(":")[0] for p in w.posts("19:0")] == ["welcome", "round"]
        assert w.posts("19:0")[1].at == at(TUESDAY, 10)


def test_two_of_one_name_are_nobodys_and_a_channel_that_cannot_be_used_is_none():
    assert match("some", there("Biologi / some", "Kemi / some")) is None
    assert match("Kemi / some", there("Biologi / some", "Kemi / some")).name == "Kemi / some"
    assert match("some", there("some", usable=False)) is None
    assert match("some", there("some", kind="direct")) is None


async def test_a_place_given_by_hand_meanwhile_stays(tmp_path):
    async with world(tmp_path) as w:
        await waits_for(w, "sociala")
        form = (await w.press("karin", "account.place", "ny0")).form
        await w.fill("karin", form, {"place": "test:T1:kemi"})
        await w.desk.arrived(Arrival(**HERE, places=there("sociala")))

        assert (await w.register()).accounts["ny0"].place == "test:T1:kemi"


async def test_somebody_known_by_address_alone_is_found_by_it_and_an_administrator_confirms(tmp_path):
    async with world(tmp_path) as w:
        await expect_nina(w)
        await w.desk.arrived(Arrival(**HERE, people=(somebody(),)))
        register = await w.register()

        assert register.who("test", "T1", "u1").id == "nina"
        assert register.name("nina") == "Nina Ny"
        await w.until(at(MON, 8, 30))
        (asked,) = w.posts("@adam")
        assert "Nina Ny" in words(asked.card)


@pytest.mark.parametrize(
    "other",
    [{"standing": "guest"}, {"standing": "outsider"}, {"active": False}, {"email": "nina@example.se"}],
)
async def test_a_name_a_guest_or_a_stranger_is_never_taken_for_somebody(tmp_path, other):
    async with world(tmp_path) as w:
        await expect_nina(w)
        await w.desk.arrived(Arrival(**HERE, people=(somebody(**other),)))
        register = await w.register()

        assert register.who("test", "T1", "u1").id != "nina"
        assert register.identities_of(PersonId("nina")) == ()


async def test_a_roster_of_many_is_stored_and_told_again_changes_nothing(tmp_path):
    async with world(tmp_path) as w:
        roster = tuple(somebody(f"u{n}", f"u{n}@example.se") for n in range(250))
        await w.desk.arrived(Arrival(**HERE, people=roster))
        before = await w.register()
        await w.desk.arrived(Arrival(**HERE, people=roster))

        assert len(before.identities) == 250 + 16
        assert await w.register() == before


# -- what is gone -----------------------------------------------------------------------------------


def removed(*channels: str, users: tuple[str, ...] = ()) -> Removed:
    return Removed(**HERE, channels=channels, users=users)


async def test_the_administrators_hear_once_what_was_removed_and_what_it_concerns(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        for _ in range(2):
            await w.desk.removed(removed("biologi", "okänd", users=("anna",)))
        await w.until(at(TUESDAY, 16))
        (card,) = w.posts("@adam")

        said = words(card.card)
        assert "två håll" in card.card.title
        assert all(
            word in said for word in ("#biologi", "@bio0", "@bio1", "Anna Ek", "Lägg till mig där igen")
        )


async def test_nobody_hears_of_a_place_in_which_nothing_was_to_be_said(tmp_path):
    async with world(tmp_path, chemistry=0) as w:
        await w.desk.removed(removed("kemi", users=("olle",)))
        await w.until(at(MON, 12))

        assert w.posts("@adam") == []


async def test_days_without_the_bot_are_not_asked_and_no_head_hears_of_them(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 1))
        await w.desk.removed(removed("biologi"))
        await w.until(at(MONDAY.date().replace(day=26), 16))

        assert [await w.days("bio0", day) for day in (MON, TUESDAY)] == [["not_asked"], ["not_asked"]]
        assert len(w.posts()) == 1
        assert w.posts("@heidi") == []


async def test_what_was_answered_before_the_removal_stays_answered(tmp_path):
    async with world(tmp_path, accounts=2, chemistry=0) as w:
        await w.until(at(MON, 9, 1))
        form = (await w.press("anna", "round.tell", round_of(MON))).form
        await w.fill("anna", form, {"bio0": "clear", "bio1": "not_looked"})
        await w.desk.removed(removed("biologi"))

        assert (await w.days("bio0", MON), await w.days("bio1", MON)) == (["looked_at"], ["not_asked"])


async def test_back_before_the_hour_the_card_comes_as_if_nothing_had_been(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 8))
        await w.desk.removed(removed("biologi"))
        await w.desk.arrived(Arrival(**HERE, places=(FoundPlace(channel="biologi", name="biologi"),)))
        await w.until(at(MON, 9, 1))
        await w.press_on("anna", w.posts()[0].card, "round.clear")

        assert await w.days("bio0", MON) == ["looked_at"]
        assert w.posts("@adam") == []


async def test_back_later_that_day_the_card_that_stands_gets_its_buttons_again(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 9, 1))
        await w.desk.removed(removed("biologi"))
        await w.until(at(MON, 10))
        assert w.posts()[0].card.buttons == ()
        await w.desk.arrived(Arrival(**HERE, places=(FoundPlace(channel="biologi", name="biologi"),)))
        await w.until(at(MON, 10, 5))
        await w.press_on("anna", w.posts()[0].card, "round.clear")

        assert (len(w.posts()), await w.days("bio0", MON)) == (1, ["looked_at"])


async def test_a_renamed_channel_is_called_by_its_new_name(tmp_path):
    async with world(tmp_path) as w:
        await w.desk.arrived(
            Arrival(**HERE, places=(FoundPlace(channel="kemi", name="Naturvetenskap / Kemi"),))
        )

        assert (await w.register()).places["test:T1:kemi"].called == "Naturvetenskap / Kemi"


async def test_whoever_removed_the_app_is_out_of_reach_until_they_have_it_again(tmp_path):
    async with world(tmp_path) as w:
        await w.desk.removed(removed(users=("bo",)))
        assert (await w.register()).out_of_reach() == ("bo",)
        roster = Profile(**HERE, user="bo", name="Bo Lind", email="bo@example.se")
        await w.desk.arrived(Arrival(**HERE, people=(roster,)))
        assert (await w.register()).out_of_reach() == ("bo",)
        own = FoundPlace(channel="a:bo", name="", kind="direct")
        await w.desk.arrived(Arrival(**HERE, places=(own,), people=(roster,)))

        assert (await w.register()).out_of_reach() == ()
