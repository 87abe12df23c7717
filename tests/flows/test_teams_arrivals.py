"""Where the bot comes to in Teams and what leaves it, between a fake desk and the fake Teams."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.teams.ports import Reference
from adapters.teams.trouble import Refused
from bot.outgoing import Dead
from bot.ports import Address, Envelope
from bot.texts import Texts
from bot.view import Ask, Button, Card
from tests import spread
from tests.fakes.teams.events import INSTALLATION, UPDATE
from tests.flows._slack_scene import FORM
from tests.flows._teams_scene import Playing, Scene
from tests.world import MONDAY

BOTH_WAYS = [(INSTALLATION, UPDATE), (UPDATE, INSTALLATION)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with Playing(tmp_path) as found:
        yield found


def places(scene: Scene) -> list[tuple[str, str, bool]]:
    """What the desk was told of places, in order, without repeats."""
    told = [(p.name, p.kind, p.usable) for a in scene.desk.arrivals for p in a.places]
    return list(dict.fromkeys(told))


async def targeted(scene: Scene) -> None:
    """Until Anna was answered."""
    await scene.teams.wait_for(lambda: scene.teams.targeted(scene.anna))


def people(scene: Scene) -> set[str]:
    return {p.name for a in scene.desk.arrivals for p in a.people}


# -- coming ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", BOTH_WAYS)
async def test_a_team_is_read_whole_and_named_in_whatever_order_its_events_come(
    scene: Scene, order: Any
) -> None:
    cia = scene.teams.add_user("Cia Dahl")
    team = scene.teams.add_team("Chemistry", [scene.anna, cia], app=False)
    channel = scene.teams.add_channel(team, "News")
    await scene.teams.install(team, by=cia, order=order)
    await scene.idle()
    assert {("Chemistry", "channel", True), ("Chemistry / News", "channel", True)} <= set(places(scene))
    assert people(scene) == {"Anna Ek", "Cia Dahl"}
    assert (await scene.reference(channel)).name == "Chemistry / News"
    assert (await scene.reference(team)).name == "Chemistry"
    assert not [m for m in scene.teams.space.messages if not m.user]


@pytest.mark.parametrize("order", [*BOTH_WAYS, (INSTALLATION,), (UPDATE,)])
async def test_whoever_takes_the_app_is_welcomed_once(scene: Scene, order: Any) -> None:
    scene.desk.stored[scene.bo] = "p2"
    await scene.teams.install(scene.bo, order=order)
    await scene.idle()
    (home,) = scene.teams.personal(scene.bo)
    assert "Home 1" in scene.teams.plain(home)
    assert people(scene) == {"Bo Alm"}
    assert places(scene) == [("", "direct", True)]
    assert (await scene.references.contact(scene.realm, scene.bo)).installed


async def test_an_upgrade_welcomes_nobody_and_takes_nothing_away(scene: Scene) -> None:
    await scene.teams.install(scene.anna)
    await scene.idle()
    await scene.teams.uninstall(scene.anna, order=(INSTALLATION,), action="remove-upgrade")
    await scene.teams.install(scene.anna, order=(INSTALLATION,), action="add-upgrade")
    await scene.idle()
    assert len(scene.teams.personal(scene.anna)) == 1
    assert scene.desk.removals == []


async def test_a_group_chat_without_a_name_is_called_by_who_is_in_it(scene: Scene) -> None:
    group = scene.teams.add_group([scene.anna, scene.bo], app=False)
    await scene.teams.install(group, by=scene.anna)
    await scene.idle()
    assert places(scene) == [("Anna Ek, Bo Alm", "group", True)]


async def test_a_place_that_was_never_told_of_is_read_at_its_first_message(scene: Scene) -> None:
    team = scene.teams.add_team("Physics", [scene.anna])
    channel = scene.teams.add_channel(team, "News")
    await scene.teams.say(scene.anna, channel, "sm-today")
    await scene.idle()
    assert (await scene.reference(channel)).team == team
    assert ("News", "channel", True) in places(scene)


async def test_each_activity_renews_the_service_address(scene: Scene) -> None:
    scene.teams.move_to_region("amer")
    await scene.teams.say(scene.anna, scene.place, "sm-today")
    await scene.idle()
    assert "/amer/" in (await scene.reference(scene.place)).service_url
    assert scene.teams.targeted(scene.anna)


# -- changing -------------------------------------------------------------------------------------


async def test_new_and_renamed_channels_are_known_by_their_names(scene: Scene) -> None:
    channel, _ = await scene.teams.new_channel(scene.team, "Events")
    await scene.idle()
    assert places(scene) == [("Biology / Events", "channel", True)]
    await scene.teams.rename_channel(channel, "Calendar")
    await scene.idle()
    assert (await scene.reference(channel)).name == "Biology / Calendar"
    await scene.teams.rename_team(scene.team, "Life sciences")
    await scene.idle()
    assert (await scene.reference(channel)).name == "Life sciences / Calendar"
    assert (await scene.reference(scene.team)).name == "Life sciences"


@pytest.mark.parametrize("sharing", spread.first(["private", "shared"]))
async def test_private_and_shared_channels_are_told_as_unusable_and_never_offered(
    scene: Scene, sharing: str
) -> None:
    channel, _ = await scene.teams.new_channel(scene.team, "Closed", sharing, {scene.anna})
    await scene.idle()
    assert places(scene) == [("Closed", "channel", False)]
    assert await scene.reference(channel) is None


async def test_a_message_from_a_channel_that_its_team_does_not_list_makes_it_unusable(scene: Scene) -> None:
    channel = scene.teams.add_channel(scene.team, "Closed", "private", {scene.anna})
    said = scene.teams.written(scene.anna, channel, "sm-today")
    space = scene.teams.space
    user, place = space.users[scene.anna], space.places[channel]
    await scene.teams.send(scene.teams.payloads.message(user, place, said, mention=True))
    await scene.idle()
    (told,) = [p for a in scene.desk.arrivals for p in a.places if p.channel == channel]
    assert not told.usable
    assert (await scene.reference(channel)).frozen
    assert [scene.teams.plain(m) for m in scene.teams.personal(scene.anna)] == ["Saved."]


async def test_whoever_joins_a_team_can_be_picked(scene: Scene) -> None:
    cia = scene.teams.add_user("Cia Dahl")
    await scene.teams.add_member(scene.team, cia)
    await scene.idle()
    assert "Cia Dahl" in people(scene)
    assert [c.name for c in await scene.references.contacts(scene.realm)] == ["Anna Ek", "Bo Alm", "Cia Dahl"]


async def test_a_class_that_joins_at_once_is_not_a_reading_for_each(scene: Scene) -> None:
    scene.teams.faults.add("pagedmembers", "hang")
    await scene.teams.add_member(scene.team, scene.teams.add_user("Cia Dahl"))
    await scene.teams.wait_for(lambda: scene.teams.called("pagedmembers"))
    for n in range(5):
        await scene.teams.add_member(scene.team, scene.teams.add_user(f"Student {n}"))
    scene.teams.connector.release()
    await scene.idle()
    assert {f"Student {n}" for n in range(5)} < people(scene)
    assert len([call for call in scene.teams.called("pagedmembers") if call.status]) == 2


# -- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", BOTH_WAYS)
async def test_a_team_that_removes_the_app_is_frozen_and_told_with_its_channels(
    scene: Scene, order: Any
) -> None:
    await scene.teams.uninstall(scene.team, order=order)
    await scene.idle()
    assert (await scene.reference(scene.place)).frozen
    assert (await scene.reference(scene.team)).frozen
    assert not (await scene.reference(scene.group)).frozen
    (removed,) = set(scene.desk.removals)  # told again, it is the same (`Desk.removed`)
    assert set(removed.channels) == {scene.team, scene.place}


async def test_a_person_who_removes_the_app_is_told_and_welcomed_again_when_they_come_back(
    scene: Scene,
) -> None:
    await scene.teams.install(scene.anna)
    await scene.idle()
    await scene.teams.uninstall(scene.anna)
    (removed,) = set(scene.desk.removals)
    assert (removed.users, removed.channels) == ((scene.anna,), ())
    await scene.teams.install(scene.anna)
    await scene.idle()
    assert len(scene.teams.personal(scene.anna)) == 2
    assert [p.kind for p in scene.desk.arrivals[-1].places] == ["direct"]


async def test_a_group_chat_that_removes_the_app_is_frozen(scene: Scene) -> None:
    await scene.teams.uninstall(scene.group)
    assert {r.channels for r in scene.desk.removals} == {(scene.group,)}


async def test_whatever_renews_a_place_late_does_not_undo_its_removal(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, remember, busy = asyncio.Event(), scene.references.remember, scene.receiver.busy

    async def late(reference: Reference) -> bool:
        await held.wait()
        return await remember(reference)

    monkeypatch.setattr(scene.references, "remember", late)
    await scene.teams.say(scene.anna, scene.group, "sm-today")
    await targeted(scene)
    await scene.teams.wait_for(lambda: busy._running == 1)
    leaving = asyncio.ensure_future(scene.teams.uninstall(scene.group, order=(INSTALLATION,)))
    await scene.teams.wait_for(lambda: leaving.done() or busy._running == 2)
    held.set()
    (outcome,) = await leaving
    await scene.idle()
    assert outcome.ok
    assert (await scene.reference(scene.group)).frozen
    assert [r.channels for r in scene.desk.removals] == [(scene.group,)]
    await scene.teams.install(scene.group)
    await scene.idle()
    assert not (await scene.reference(scene.group)).frozen


@pytest.mark.parametrize("what", spread.first(["a team", "a deleted channel"]))
async def test_a_removal_that_could_not_be_told_is_sent_again_and_told_then(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    async def locked(_: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as trouble:
        trouble.setattr(scene.desk, "removed", locked)
        if what == "a team":
            (outcome,) = await scene.teams.uninstall(scene.team, order=(INSTALLATION,))
        else:
            outcome = await scene.teams.delete_channel(scene.place)
    assert outcome.status == 500
    assert (await scene.teams.again(outcome)).status == 200
    (removed,) = scene.desk.removals
    assert scene.place in removed.channels
    scene.teams.user_errors.clear()


async def test_a_deleted_channel_is_removed_and_comes_back_when_it_is_restored(scene: Scene) -> None:
    await scene.teams.delete_channel(scene.place)
    assert [r.channels for r in scene.desk.removals] == [(scene.place,)]
    await scene.teams.restore_channel(scene.place)
    await scene.idle()
    assert not (await scene.reference(scene.place)).frozen


@pytest.mark.parametrize("hard", spread.first([False, True]))
async def test_a_deleted_team_is_removed_with_all_of_its_channels(scene: Scene, *, hard: bool) -> None:
    await scene.teams.delete_team(scene.team, hard=hard)
    await scene.idle()
    (removed,) = scene.desk.removals
    assert set(removed.channels) == {scene.team, scene.place}


# -- what pickers offer and set-up looks up ---------------------------------------------------------


async def test_pickers_offer_members_and_places_those_of_the_conversation_first(scene: Scene) -> None:
    guest, other = scene.teams.add_user("Aron Guest", guest=True), scene.teams.add_user("Aaa Berg")
    chemistry = scene.teams.add_team("Chemistry", [guest, other], app=False)
    await scene.teams.install(chemistry, by=other)
    await scene.teams.install(scene.anna)
    await scene.idle()
    asked = _asked(scene)
    found = await scene.receiver.directory.choices(asked, Texts("en"))
    assert [name for _, name in found.people] == ["Anna Ek", "Bo Alm", "Aaa Berg"]
    assert [name for _, name in found.places] == [
        "Social media", "Anna Ek, Bo Alm", "Biology > General", "Chemistry > General", "Your own chat with me",
    ]  # fmt: skip


async def test_of_many_places_no_more_are_offered_than_a_dialog_holds(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.teams.people.OFFERED", 1)
    await scene.teams.say(scene.anna, "", "sm-today")
    await scene.idle()
    found = await scene.receiver.directory.choices(_asked(scene), Texts("en"))
    assert [name for _, name in found.places] == ["Social media", "Your own chat with me"]


async def test_a_channel_is_offered_with_its_team_where_its_name_alone_says_too_little(scene: Scene) -> None:
    chemistry = scene.teams.add_team("Chemistry", [scene.anna], app=False)
    scene.teams.add_channel(chemistry, "social media")
    scene.teams.add_channel(chemistry, "News / events")
    await scene.teams.install(chemistry)
    await scene.idle()
    found = await scene.receiver.directory.choices(_asked(scene), Texts("sv"))
    assert [name for _, name in found.places][:1] == ["Biology > Social media"]
    assert {name for _, name in found.places} == {
        "Biology > Social media", "Biology > Allmänt", "Anna Ek, Bo Alm",
        "Chemistry > social media", "Chemistry > Allmänt", "News / events",
    }  # fmt: skip


async def test_a_first_channel_has_a_name_though_its_teams_is_not_known(scene: Scene) -> None:
    first = await scene.reference(scene.team)
    await scene.references.remember(
        replace(first, conversation="19:x@thread.tacv2", team="19:x@thread.tacv2", name="General")
    )
    found = await scene.receiver.directory.choices(_asked(scene), Texts("sv"))
    assert "Allmänt" in {name for _, name in found.places}


def _asked(scene: Scene) -> Any:
    from botbuilder.schema import Activity

    from adapters.teams import requests

    user, place = scene.teams.space.users[scene.anna], scene.teams.space.places[scene.place]
    return requests.asked(Activity().deserialize(scene.teams.payloads.invoke("task/fetch", user, place, {})))


async def test_two_people_of_one_name_are_told_apart(scene: Scene) -> None:
    await scene.teams.add_member(scene.team, scene.teams.add_user("Bo Alm", "other.bo@example.org"))
    await scene.idle()
    found = await scene.receiver.directory.choices(_asked(scene), Texts("en"))
    assert {name for _, name in found.people} >= {
        "Bo Alm (bo.alm@example.org)",
        "Bo Alm (other.bo@example.org)",
    }


@pytest.mark.parametrize(
    "name", spread.first(["Biology / Social media", "#social  media", "Biology > Social media"])
)
async def test_a_channel_is_found_by_its_name_with_or_without_its_team(scene: Scene, name: str) -> None:
    assert await scene.receiver.directory.channel(name) == scene.place


async def test_a_name_that_several_channels_bear_finds_none(scene: Scene) -> None:
    chemistry = scene.teams.add_team("Chemistry", [scene.anna], app=False)
    scene.teams.add_channel(chemistry, "Social media")
    await scene.teams.install(chemistry)
    await scene.idle()
    assert await scene.receiver.directory.channel("Social media") is None


async def test_people_are_found_by_address_and_by_id_without_asking_teams(scene: Scene) -> None:
    directory = scene.receiver.directory
    assert (await directory.by_email("BO.ALM@example.org")).user == scene.bo
    assert (await directory.by_id(scene.bo)).email == "bo.alm@example.org"
    assert await directory.by_email("nobody@example.org") is None
    assert scene.teams.calls == []


async def test_a_channel_is_told_about_by_its_name_and_ones_own_chat_by_the_persons(scene: Scene) -> None:
    await scene.teams.install(scene.anna)
    await scene.idle()
    directory = scene.receiver.directory
    assert (await directory.about(scene.place)).name == "Biology / Social media"
    assert (await directory.about(scene.teams.chat(scene.anna))).name == "Anna Ek"
    assert await directory.about("19:unknown@thread.tacv2") is None
    await scene.teams.delete_channel(scene.place)
    assert await directory.about(scene.place) is None


# -- beside the requests ----------------------------------------------------------------------------


async def test_all_rosters_and_channels_are_read_anew_where_the_bot_still_is(scene: Scene) -> None:
    cia = scene.teams.add_user("Cia Dahl")
    scene.teams.space.teams[scene.team].members.add(cia)
    await scene.teams.uninstall(scene.group)
    assert await scene.receiver.refresh() == 3
    assert people(scene) == {"Anna Ek", "Bo Alm", "Cia Dahl"}
    assert [c.place for c in scene.teams.called("pagedmembers")] == [scene.team] or len(
        scene.teams.called("pagedmembers")
    ) == 1


async def test_a_removal_that_nobody_told_of_is_found_out_when_rosters_are_read(scene: Scene) -> None:
    scene.teams.space.teams[scene.team].installed = False
    assert await scene.receiver.refresh() == 2
    (removed,) = scene.desk.removals
    assert set(removed.channels) == {scene.team, scene.place}


async def test_what_a_refused_message_has_frozen_is_told_when_rosters_are_read(scene: Scene) -> None:
    """So is what a process froze that ended before it told."""
    await scene.teams.install(scene.bo)
    await scene.idle()
    scene.teams.space.places[scene.group].installed = False
    scene.teams.block(scene.bo)
    for to in (scene.group, scene.teams.chat(scene.bo)):
        where = Address(platform="teams", realm=scene.realm, channel=to)
        outcome = await scene.chat.post(Envelope(
            to=where, card=Card(title="Hello"), key="k", fallback="Hello", language="en", users={}, at=MONDAY,
        ))  # fmt: skip
        assert isinstance(outcome, Dead)
    assert scene.desk.removals == []
    for _ in range(2):
        await scene.receiver.refresh()
    (removed,) = set(scene.desk.removals)
    assert (removed.channels, removed.users) == ((scene.group,), (scene.bo,))


async def test_whoever_has_another_chat_that_lives_is_not_told_as_gone(scene: Scene) -> None:
    await scene.teams.install(scene.anna)
    await scene.idle()
    own = await scene.reference(scene.teams.chat(scene.anna))
    await scene.references.remember(replace(own, conversation="a:old"))
    await scene.references.freeze(scene.realm, conversation="a:old")
    await scene.receiver.refresh()
    assert scene.desk.removals == []


async def test_a_roster_that_cannot_be_read_stops_no_other_and_is_told(scene: Scene) -> None:
    """Whoever keeps people fresh tries again soon after an error."""
    scene.teams.faults.add("pagedmembers", "status", status=503)
    with pytest.raises(Refused):
        await scene.receiver.refresh()
    assert len(scene.teams.called("pagedmembers")) == 2
    assert people(scene) == {"Anna Ek", "Bo Alm"}
    found = await scene.receiver.directory.choices(_asked(scene), Texts("en"))
    assert len(found.people) == 2


async def test_what_teams_does_not_say_now_is_left_as_it_was(scene: Scene) -> None:
    for method in ("pagedmembers", "channels"):
        scene.teams.faults.add(method, "status", status=503)
    await scene.teams.add_member(scene.team, scene.teams.add_user("Cia Dahl"))
    await scene.idle()
    assert (await scene.reference(scene.place)).name == "Biology / Social media"


async def test_a_connector_that_hangs_holds_up_no_request(scene: Scene) -> None:
    """A roster is being read for as long as its answer is missing; a dialog opens meanwhile."""
    card = await scene.card(Button(verb="ask", label="Log a question"))
    scene.desk.answers["ask"] = Ask(form=FORM)
    scene.teams.faults.add("pagedmembers", "hang")
    reading = asyncio.ensure_future(scene.receiver.refresh())
    await scene.teams.wait_for(lambda: scene.teams.called("pagedmembers"))
    await scene.teams.press(scene.anna, card, "Log a question")
    assert scene.teams.dialog(scene.anna).title == "Log a question"
    assert not reading.done()
    scene.teams.connector.release()
    await reading


async def test_references_of_another_tenant_are_no_ones_here(scene: Scene) -> None:
    other = scene.teams.add_tenant()
    await scene.references.remember(Reference(
        tenant=other, conversation="19:theirs@thread.tacv2", kind="channel", service_url="https://x", bot="28:b", name="Theirs",
    ))  # fmt: skip
    found = await scene.receiver.directory.choices(_asked(scene), Texts("en"))
    assert "Theirs" not in [name for _, name in found.places]
    assert await scene.receiver.directory.channel("Theirs") is None
