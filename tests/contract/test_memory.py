"""What every store promises, of the one in memory that a rehearsal lives on: the same tests."""

import pytest

from storage.kept import State
from storage.memory import Elsewhere, Memory
from tests.contract.test_cases import *  # noqa: F403
from tests.contract.test_notes import (
    test_a_fact_holds_its_last_value,
    test_a_mark_is_taken_by_one_message_only,
    test_a_mark_stands_once_until_a_collected_message_takes_it,
    test_a_request_is_noted_once_with_its_answer,
    test_the_marks_of_many_cases_come_at_once,
)
from tests.contract.test_register import *  # noqa: F403

__all__ = [
    "test_a_fact_holds_its_last_value",
    "test_a_mark_is_taken_by_one_message_only",
    "test_a_mark_stands_once_until_a_collected_message_takes_it",
    "test_a_request_is_noted_once_with_its_answer",
    "test_the_marks_of_many_cases_come_at_once",
]


@pytest.fixture
def store() -> Memory:
    return Memory(State())


@pytest.fixture
def other(store: Memory) -> Memory:
    return store


async def test_what_only_delivery_and_records_need_is_not_there_and_says_so(store: Memory) -> None:
    async with store.write() as tx:
        with pytest.raises(Elsewhere):
            await tx.tokens("slack")
