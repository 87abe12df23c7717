"""Every setting of the office is changed from chat; what only a file can change is addresses, tokens and the database."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from bot.changes import Holding, found
from bot.model import Office, Place, Unit
from smbot.settings import Settings
from tests.flows.test_settings import BIO, change
from tests.world import world

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
        "policy": ("words", "guidelines", {"policy": "kau"}),
        "steps": ("times", "steps", {"approval.remind_days": "3"}),
        "changers": ("words", "changers", {"changers": ("anna",)}),
        "retention": ("retention", "log", {"days": "400"}),
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
}
ADDRESSES = {"unit": {"id"}, "place": {"id", "platform", "realm", "channel"}}
"""What a thing is found by: no setting, and the same for good."""
FOUND = {"place": {"kind", "gone", "confirmed"}}
"""What the platform says of a channel, and the word of the set-up card on it."""
KINDS = {"office": Office, "role": Holding, "unit": Unit, "place": Place}
THINGS = {"office": "", "role": "registrar", "unit": "bio", "place": BIO}


def test_no_setting_of_the_office_a_role_a_unit_or_a_channel_is_without_a_page():
    for kind, model in KINDS.items():
        asked = set(IN_CHAT[kind]) | ADDRESSES.get(kind, set()) | FOUND.get(kind, set())
        assert {f.name for f in fields(model)} == asked, kind


async def test_each_of_them_changes_in_chat_and_back(tmp_path):
    async with world(tmp_path) as w:
        for kind, pages in IN_CHAT.items():
            for group, what in dict.fromkeys((group, what) for group, what, _ in pages.values()):
                named = {name: asked for name, (g, of, asked) in pages.items() if (g, of) == (group, what)}
                before = found(await w.register(), kind, THINGS[kind])
                done = await change(w, "karin", group, what, _all(named.values()))
                after = found(await w.register(), kind, THINGS[kind])
                assert [name for name in named if getattr(after, name) == getattr(before, name)] == []
                await w.press_on("karin", done, "settings.undo")
                assert found(await w.register(), kind, THINGS[kind]) == before


def _all(given: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {name: value for values in given for name, value in values.items()}


ONLY_A_FILE = {
    "tokens": {"slack_bot_token", "slack_app_token", "slack_signing_secret", "microsoft_app_password",
               "microsoft_app_certificate", "smbot_metrics_token"},
    "addresses": {"smbot_slack_api_url", "smbot_teams_openid_url", "smbot_teams_token_url", "microsoft_app_id",
                  "microsoft_app_tenant_id", "smbot_teams_tenants", "smbot_http_host", "smbot_http_port"},
    "database": {"smbot_database_url"},
}  # fmt: skip
AT_FIRST = {"smbot_policy", "smbot_language", "smbot_admin", "smbot_organisation"}
"""What an empty database begins with; chat changes it afterwards: guidelines, language, administrators, all else."""
OF_TESTS = {"smbot_clock_file", "smbot_teams_allow_unsigned"}


def test_what_only_a_file_can_change_is_addresses_tokens_and_the_database():
    assert set(Settings.model_fields) == set().union(*ONLY_A_FILE.values(), AT_FIRST, OF_TESTS)
