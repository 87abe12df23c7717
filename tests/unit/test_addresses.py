"""The same account or post has one address, however it was copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import IGNORES_CASE, KNOWN, SYNONYMS, canonical, platform_of
from bot.model import Refused

HANDLES = {
    "instagram.com": ("https://www.instagram.com/KI_Nytt/", "https://instagram.com/ki_nytt"),
    "facebook.com": ("http://m.facebook.com/KI.Nytt", "https://facebook.com/ki.nytt"),
    "linkedin.com": ("https://se.linkedin.com/school/KI/", "https://linkedin.com/school/ki"),
    "x.com": ("https://mobile.twitter.com/KI", "https://x.com/ki"),
    "youtube.com": ("https://m.youtube.com/@KI", "https://youtube.com/@ki"),
    "tiktok.com": ("https://www.tiktok.com/@KI?lang=sv", "https://tiktok.com/@ki"),
    "bsky.app": ("bsky.app/profile/KI.se", "https://bsky.app/profile/ki.se"),
    "threads.com": ("https://www.threads.net/@KI", "https://threads.com/@ki"),
}
"""For each host of the table: an address as somebody pastes it, and its one form."""


@pytest.mark.parametrize("host", sorted(IGNORES_CASE))
def test_a_handle_on_a_host_that_ignores_case_has_one_spelling(host):
    typed, one = HANDLES[host]

    assert canonical(typed) == one
    assert platform_of(one) == KNOWN[host]


def test_every_known_host_stands_in_the_table():
    assert set(HANDLES) == set(KNOWN) == set(IGNORES_CASE)


@pytest.mark.parametrize(("alias", "host"), sorted(SYNONYMS.items()))
def test_a_synonym_of_a_host_is_the_host(alias, host):
    assert canonical(f"https://www.{alias}/name") == canonical(f"https://{host}/name")


@pytest.mark.parametrize(
    ("typed", "one"),
    [
        ("https://www.instagram.com/p/CxYz-AB1/?igsh=abc", "https://instagram.com/p/CxYz-AB1"),
        ("https://www.facebook.com/KI/posts/pfbid0AbC", "https://facebook.com/ki/posts/pfbid0AbC"),
        ("https://facebook.com/permalink.php?story_fbid=1&id=2&x=3",
         "https://facebook.com/permalink.php?id=2&story_fbid=1"),
        ("https://facebook.com/profile.php?id=100", "https://facebook.com/profile.php?id=100"),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://www.youtube.com/watch?t=5&v=dQw4w9WgXcQ", "https://youtube.com/watch?v=dQw4w9WgXcQ"),
        (
            "https://www.facebook.com/KI/posts/7?comment_id=12&__cft__=x",
            "https://facebook.com/ki/posts/7?comment_id=12",
        ),
        (
            "https://www.linkedin.com/feed/update/urn:li:activity:1/?commentUrn=urn%3Ali%3Acomment%3A2&utm_source=x",
            "https://linkedin.com/feed/update/urn:li:activity:1?commentUrn=urn%3Ali%3Acomment%3A2",
        ),
        ("https://x.com/KI/status/12", "https://x.com/ki/status/12"),
        ("https://mastodon.social/@KI", "https://mastodon.social/@KI"),
        ("https://sv-se.facebook.com/ki", "https://facebook.com/ki"),
        ("https://de.linkedin.com/in/Anna", "https://linkedin.com/in/anna"),
        ("https://www.m.facebook.com/ki", "https://facebook.com/ki"),
        ("https://kb.uu.se/x", "https://kb.uu.se/x"),
        ("  instagram.com/ki#top ", "https://instagram.com/ki"),
    ],
)  # fmt: skip
def test_what_is_not_needed_falls_away_and_ids_of_posts_keep_their_case(typed, one):
    assert canonical(typed) == one


@pytest.mark.parametrize(
    ("platform", "one"),
    [
        ("instagram", "https://instagram.com/ki"),
        ("x", "https://x.com/ki"),
        ("tiktok", "https://tiktok.com/@ki"),
        ("threads", "https://threads.com/@ki"),
        ("youtube", "https://youtube.com/@ki"),
        ("facebook", "https://facebook.com/ki"),
        ("bluesky", "https://bsky.app/profile/ki"),
    ],
)
def test_a_name_is_taken_where_the_platform_is_known(platform, one):
    assert canonical("@KI", platform) == one


@pytest.mark.parametrize(
    "typed",
    ["", " ", "https://", "https://[bad", "http://[::1/x", "ftp://ki.se/x", "javascript:alert(1)", "localhost/x",
     "https://user:pw@instagram.com/ki", "https://@instagram.com/ki", "https://insta gram.com/ki", "@ki", "ki",
     "https://instagram.com/a b", "https://a..b/x", "https://" + "a" * 2000 + ".se", "https://℀.com/x", "mailto:a@b.se",
     "https://ki.se/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_address_on_the_web_is_refused(typed):
    with pytest.raises(Refused) as no:
        canonical(typed)
    assert no.value.field == "address"


hosts = st.sampled_from(
    [*KNOWN, *SYNONYMS, "mastodon.social", "www.m.sv.ki.se", "youtu.be", "sv.en.facebook.com"]
)
tails = st.text(st.characters(codec="utf-8", exclude_characters=" "), max_size=30)


@given(hosts, tails)
def test_a_canonical_address_is_its_own_canonical_address(host, tail):
    try:
        one = canonical(f"https://{host}/{tail}")
    except Refused:
        return
    assert canonical(one) == one


@given(st.text(max_size=60), st.sampled_from(["", *KNOWN.values()]))
def test_any_text_is_an_address_or_refused(text, platform):
    try:
        found = canonical(text, platform)
    except Refused as no:
        found = no.key
    assert found.startswith(("https://", "account.bad_address"))
