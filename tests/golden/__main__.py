"""`python -m tests.golden`: write the golden files anew, then read the difference."""

from tests.golden import write

write()
