"""The columns of the table and what people call them, in Swedish and English."""

import unicodedata
from typing import Literal

Column = Literal[
    "id", "state", "platform", "name", "address", "unit", "manager", "substitutes", "head", "channel", "purpose",
    "level", "approved_on", "approval_number",
]  # fmt: skip
COLUMNS: tuple[Column, ...] = (
    "platform", "name", "address", "unit", "manager", "substitutes", "head", "channel", "purpose", "level",
    "approved_on", "approval_number", "state", "id",
)  # fmt: skip
"""In the order in which they are written. `state` is told and never taken; `id` finds an account that has changed."""

CALLED: dict[Column, str] = {
    "id": "id, smbot-id, konto-id, account id",
    "state": "läge, status, state",
    "platform": "plattform, kanaltyp, tjänst, medium, socialt medium, sociala medier, platform, service, network",
    "name": "namn, kontonamn, konto, kontots namn, användarnamn, handle, name, account, account name, title, username",
    "address": "adress, webbadress, länk, url, kontoadress, address, link, web address, profile",
    "unit": "enhet, institution, avdelning, organisation, organisatorisk enhet, verksamhet, skola, fakultet, "
            "unit, department, school, division, faculty",
    "manager": "kontoansvarig, ansvarig, ansvariga, kontoansvariga, person, personer, kontaktperson, kontaktpersoner, "
               "kontakt, e-post, epost, mejl, redaktör, redaktörer, ägare, account manager, manager, people, owner, "
               "responsible, contact, contact person, e-mail, editor",
    "substitutes": "ersättare, medarbetare, övriga, övriga personer, fler personer, andra person, administratörer, "
                   "administratör, behöriga, substitutes, substitute, others, more people, second person, "
                   "administrators, administrator, deputy",
    "head": "ansvarig chef, chef, prefekt, prefekt/chef, avdelningschef, enhetschef, head, responsible head, "
            "responsible manager, head of unit, head of department",
    "channel": "kanal, chattkanal, slack-kanal, slackkanal, teams-kanal, teamskanal, channel, chat channel, "
               "slack channel, teams channel",
    "purpose": "syfte, ändamål, syfte och målgrupp, beskrivning, purpose, aim, description",
    "level": "nivå, level",
    "approved_on": "godkänt, godkänd, datum för godkännande, godkänt datum, godkännandedatum, beslutsdatum, approved, "
                   "approved on, approval date, date of approval, date of decision",
    "approval_number": "diarienummer, dnr, diarienr, beslutsnummer, godkännandets nummer, approval number, "
                       "registry number, reference number, reference",
}  # fmt: skip
"""What a heading may say, parted by commas."""

PLATFORMS: dict[str, str] = {
    "instagram": "instagram, insta, ig",
    "facebook": "facebook, fb, facebooksida, facebookgrupp, facebook page, facebook group",
    "linkedin": "linkedin, linked in, linkedinsida, linkedin page",
    "x": "x, twitter, x (twitter), twitter (x), x/twitter, twitter/x, x f.d. twitter, fd twitter",
    "youtube": "youtube, you tube, yt, youtubekanal, youtube channel",
    "tiktok": "tiktok, tik tok",
    "bluesky": "bluesky, bsky",
    "mastodon": "mastodon",
    "threads": "threads",
    "other": "annan, annan plattform, annat, övrigt, other, another platform",
}
LEVELS: dict[Literal["unit", "administration", "university"], str] = {
    "unit": "enhet, institution, unit, department",
    "administration": "förvaltning, förvaltningen, gemensam förvaltning, administration",
    "university": "hela universitetet, universitetet, universitetsgemensam, hela högskolan, högskolan, "
                  "whole university, the whole university, university",
}  # fmt: skip
NOBODY = frozenset(
    ["okänd", "okänt", "oklart", "saknas", "ingen", "inga", "n/a", "na", "none", "nobody", "unknown", "tbd"]
) | {"vet ej", "vet inte", "ej angivet", "not known", "ej aktuellt"}
"""What is written into a cell about which nobody knows anything."""


def folded(text: str) -> str:
    """As headings and names are compared: small letters and digits alone, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())


def _table(words: dict[str, str]) -> dict[str, str]:
    return {folded(word): key for key, said in words.items() for word in said.split(", ")}


_HEADINGS = _table({str(column): said for column, said in CALLED.items()})
_PLATFORMS = _table(PLATFORMS)
_LEVELS = _table({str(level): said for level, said in LEVELS.items()})


def column_of(heading: str) -> Column | None:
    """The column that a heading names; what stands in brackets after it does not matter."""
    bare = heading.partition("(")[0]
    return _HEADINGS.get(folded(heading)) or _HEADINGS.get(folded(bare))  # type: ignore[return-value]


def platform_called(text: str) -> str | None:
    return _PLATFORMS.get(folded(text))


def level_called(text: str) -> Literal["unit", "administration", "university"] | None:
    return _LEVELS.get(folded(text))  # type: ignore[return-value]


def says_nothing(text: str) -> bool:
    """Whether the cell says that nobody knows."""
    return text.casefold().strip(" .") in NOBODY or not text.strip(" .?-–—")
