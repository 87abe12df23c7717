"""`python -m tests.golden`: write the golden files anew, then read the difference."""

import asyncio

from tests.golden import on_page, write, write_page

write()
if chromium := on_page.chromium():
    asyncio.run(write_page(chromium))
else:
    print("There is no Chromium here: what is heard of the page stays as it was.")
