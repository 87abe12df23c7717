"""Every setting of the office is changed from chat; what only a file can change is addresses, tokens and the database."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from bot.changes import Holding, found
from bot.model import SEASONS, Office, Person, PersonId, Place, Unit
from bot.view import Faults
from smbot.settings import Settings
from tests.flows.test_settings import BIO, change, page
from tests.world import words, world

IN_CHAT: dict[str, dict[str, tuple[str, str, dict[str, Any]]]] = {
    "office": {
        "name": ("words", "names", {"name": "Provuniversitetet"}),
        "language": ("words", "names", {"language": "en"}),
        "zone": ("words", "names", {"zone": "Europe/Helsinki"}),
        "alarm_number": ("words", "contact", {"alarm_number": "08-1"}),
        "visitor_contact": ("words", "contact", {"visitor_contact": "x@example.se"}),
        "communications_name": ("role", "communications", {"name_sv": "press"}),
        "role_names": ("role", "director", {"name_en": "the boss"}),
        "opens": ("times", "hours", {"opens": "7.30"}),
        "closes": ("times", "hours", {"closes": "16"}),
        "collect_early": ("times", "messages", {"collect_early": "11"}),
        "collect": ("times", "messages", {"collect": "13"}),
        "heads_at": ("times", "messages", {"heads_at": "9"}),
        "digest_at": ("times", "messages", {"digest_at": "15"}),
        "registrar_at": ("times", "messages", {"registrar_at": "11"}),
        "bridge_days_free": ("times", "days", {"bridge": "free"}),
        "closed": ("times", "days", {"closed": "2027-07-19"}),
        "receipt_minutes": ("times", "steps", {"receipt_minutes": "10"}),
        "unlooked_days": ("times", "steps", {"unlooked_days": "3"}),
        "head_at_once": ("times", "steps", {"head_at_once": "yes"}),
        "policy": ("words", "guidelines", {"policy": "kau"}),
        "steps": ("times", "steps", {"approval.remind_days": "3"}),
        "hearers": (
            "times",
            "hearers",
            {"question.goes-on": ("substitute",), "question.head": "-", "round.head": "-"},
        ),
        "changers": ("words", "changers", {"changers": ("anna",)}),
        "retention": ("retention", "log", {"days": "400"}),
        "guidelines": ("words", "links", {"guidelines": "https://example.se/riktlinjer"}),
        "about": ("words", "links", {"about": "https://example.se/smbot"}),
        "hr_page": ("words", "links", {"hr_page": "https://example.se/arbetstid"}),
        "seasons": ("times", "seasons", {"summer.asked": "05-20", "christmas.last": "01-07"}),
    },
    "role": {
        "people": ("role", "registrar", {"people": ("olle",)}),
        "place": ("role", "registrar", {"place": BIO}),
        "mail": ("role", "registrar", {"mail": "registrator@example.se"}),
        "phone": ("role", "registrar", {"phone": "08-2"}),
    },
    "unit": {
        "name": ("unit", "bio", {"name": "Botanik"}),
        "head": ("unit", "bio", {"head": "olle"}),
        "deputy": ("unit", "bio", {"deputy": "bo"}),
        "parent": ("unit", "bio", {"parent": "-"}),
    },
    "place": {
        "name": ("channel", BIO, {"name": "botanik"}),
        "language": ("channel", BIO, {"language": "en"}),
        "hour": ("channel", BIO, {"hour": "10"}),
    },
    "person": {
        "name": ("person", "vera", {"name": "Vera Prefekt"}),
        "phone": ("person", "vera", {"phone": "08-3"}),
    },
}
ADDRESSES = {"unit": {"id"}, "place": {"id", "platform", "realm", "channel"}, "person": {"id", "email"}}
"""What a thing is found by: no setting, and the same for good."""
OWN = {"office": {"pilot_over"}, "place": {"kind", "gone", "confirmed", "welcomed"},
       "person": {"standing", "active", "checked", "left_on"}}  # fmt: skip
"""What the program keeps: when a trial ended, what the platform says of a channel or somebody, the set-up card's word, its welcome."""
OWN_FORM = {"office": {"pilot"}, "person": {"language"}}
"""The trial has a form and a right of its own, and is opened from the settings too; a language is for each person to choose."""
KINDS = {"office": Office, "role": Holding, "unit": Unit, "place": Place, "person": Person}
THINGS = {"office": "", "role": "registrar", "unit": "bio", "place": BIO, "person": "vera"}


def test_no_setting_of_the_office_a_role_a_unit_a_channel_or_a_person_is_without_a_page():
    for kind, model in KINDS.items():
        asked = (
            set(IN_CHAT[kind]) | ADDRESSES.get(kind, set()) | OWN.get(kind, set()) | OWN_FORM.get(kind, set())
        )
        assert {f.name for f in fields(model)} == asked, kind


async def test_each_of_them_changes_in_chat_and_back(tmp_path):
    async with world(tmp_path, seasons=SEASONS) as w:
        await w.seed(lambda tx: tx.save_person(Person(id=PersonId("vera"), name="v@x.se", email="v@x.se")))
        for kind, pages in IN_CHAT.items():
            for group, what in dict.fromkeys((group, what) for group, what, _ in pages.values()):
                named = {name: asked for name, (g, of, asked) in pages.items() if (g, of) == (group, what)}
                before = found(await w.register(), kind, THINGS[kind])
                done = await change(w, "karin", group, what, _all(named.values()))
                after = found(await w.register(), kind, THINGS[kind])
                assert [name for name in named if getattr(after, name) == getattr(before, name)] == []
                await w.press_on("karin", done, "settings.undo")
                assert found(await w.register(), kind, THINGS[kind]) == before


async def test_the_trial_is_opened_from_the_settings_by_communications_alone(tmp_path):
    async with world(tmp_path) as w:
        form = await page(w, "karin", "words", "pilot")
        await w.fill("karin", form, {"how": "some", "places": (BIO,)})
        assert (await w.register()).office.pilot == {BIO}
        choice = (await w.press("adam", "settings.open", "words")).form
        refused = await w.fill("adam", choice, {"what": "pilot"})
        assert "Det här väljer" in repr(refused)


async def test_a_season_without_days_or_an_address_without_https_is_refused_where_it_stands(tmp_path):
    async with world(tmp_path, seasons=SEASONS) as w:
        form = await page(w, "karin", "times", "seasons")
        for wrong in ("02-30", "6-1", "02-29", "juni"):
            assert isinstance(await w.fill("karin", form, {"summer.asked": wrong}), Faults)
        shown = await w.fill("karin", form, {"summer.asked": ""})
        assert "Cheferna frågas inte om sommaren." in words(shown.card)
        form = await page(w, "karin", "words", "links")
        refused = await w.fill("karin", form, {"about": "http://example.se"})
        assert set(refused.by_field) == {"about"}


def _all(given: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for values in given for name, value in values.items()}


ONLY_A_FILE = {
    "tokens": {"slack_bot_token", "slack_app_token", "slack_signing_secret", "microsoft_app_password",
               "microsoft_app_certificate", "smbot_metrics_token"},  # the mail server's password stands in its address
    "addresses": {"smbot_slack_api_url", "smbot_teams_openid_url", "smbot_teams_token_url", "microsoft_app_id",
                  "microsoft_app_tenant_id", "smbot_teams_tenants", "smbot_http_host", "smbot_http_port", "smbot_smtp_url",
                  "smbot_mail_from", "smbot_heartbeat_url", "smbot_heartbeat_seconds"},
    "database": {"smbot_database_url"},
}  # fmt: skip
AT_FIRST = {"smbot_policy", "smbot_language", "smbot_admin", "smbot_organisation"}
"""What an empty database begins with; chat changes it afterwards: guidelines, language, administrators, all else."""
OF_TESTS = {"smbot_clock_file", "smbot_teams_allow_unsigned"}


def test_what_only_a_file_can_change_is_addresses_tokens_and_the_database():
    assert set(Settings.model_fields) == set().union(*ONLY_A_FILE.values(), AT_FIRST, OF_TESTS)
