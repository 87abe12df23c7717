"""Assertions of the shared checks are told in full."""

import pytest

pytest.register_assert_rewrite("tests.crash._check")
