"""An account that gets another place is asked about where it is, once."""

from dataclasses import replace

from tests.flows.test_rounds import MON, TUESDAY, round_of
from tests.world import at, world


async def move(w, account: str, place: str) -> None:
    form = (await w.press("karin", "account.place", account)).form
    await w.fill("karin", form, {"place": f"test:T1:{place}"})


async def lines(w, place: str) -> list[str]:
    return [line.account for line in (await w.case(round_of(MON, place))).lines]


async def test_moved_before_the_hour_it_is_asked_about_in_its_new_place_alone(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.until(at(MON, 8))
        await move(w, "bio1", "kemi")
        await w.until(at(MON, 9, 1))

        assert (await lines(w, "biologi"), await lines(w, "kemi")) == (["bio0"], ["kem0", "bio1"])
        await w.press("anna", "round.clear", round_of(MON, "kemi"), "kemi")
        assert await w.days("bio1", MON) == ["looked_at"]


async def test_the_last_account_that_leaves_takes_the_days_card_along_and_back(tmp_path):
    async with world(tmp_path, accounts=1, chemistry=0) as w:
        await w.until(at(MON, 8))
        await move(w, "bio0", "kemi")
        assert not (await w.case(round_of(MON))).is_open
        await move(w, "bio0", "biologi")
        await move(w, "bio0", "kemi")
        await w.until(at(MON, 9, 1))

        assert (w.posts("biologi"), len(w.posts("kemi"))) == ([], 1)
        await move(w, "bio0", "biologi")
        await w.until(at(MON, 9, 5))
        assert w.posts("kemi")[0].card.buttons == ()
        await w.press_on("anna", w.posts("biologi")[0].card, "round.clear")
        assert await w.days("bio0", MON) == ["looked_at"]


async def test_moved_to_a_place_whose_card_is_posted_it_gets_a_line_there(tmp_path):
    async with world(tmp_path, accounts=2) as w:
        await w.seed(lambda tx: _late(w, tx))
        await w.until(at(TUESDAY, 9, 30))
        assert len(w.posts("biologi", day=TUESDAY)) == 0
        await move(w, "bio1", "kemi")
        await w.until(at(TUESDAY, 13))

        kemi = await w.case(round_of(TUESDAY, "kemi"))
        assert [line.account for line in kemi.lines] == ["kem0", "bio1"]
        assert [line.account for line in (await w.case(round_of(TUESDAY))).lines] == ["bio0"]


async def _late(w, tx) -> None:
    place = (await w.register()).places["test:T1:biologi"]
    await tx.save_place(replace(place, hour=at(MON, 11).time()))
