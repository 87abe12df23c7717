"""Takes the README's pictures anew: `.venv/bin/python tests/docs/pictures.py`. Needs Chromium on this machine.

It plays the README's two minutes on a demo of its own: a question on a Saturday, Monday's card, Tuesday's.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

TOP = Path(__file__).parents[2]
PICTURES = TOP / "docs/pictures"
PORT = 8097
URL = f"http://127.0.0.1:{PORT}/"
LIBRARY, WORLD, OFFICE = "biblioteket-sociala-medier", "international-social-media", "kommunikation"


@contextmanager
def demo() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "smbot",
            "demo",
            "--port",
            str(PORT),
            "--database",
            f"{folder}/demo.db",
        ]
        process = subprocess.Popen(command, cwd=TOP, stdout=subprocess.DEVNULL)
        try:
            _wait()
            yield
        finally:
            process.terminate()
            process.wait()


def _wait() -> None:
    for _ in range(120):
        try:
            with urlopen(f"{URL}readyz"):
                return
        except URLError:
            time.sleep(0.5)
    raise SystemExit("The demo does not answer.")


def reader(browser: Browser, locale: str, width: int, height: int) -> Page:
    page = browser.new_context(locale=locale, viewport={"width": width, "height": height}).new_page()
    page.goto(URL)
    page.wait_for_selector("#items article")
    if page.is_visible("[data-move=saturday]"):
        move(page, "saturday")
    page.click("#hint-gone")
    return page


def move(page: Page, where: str) -> None:
    page.click(f"[data-move={where}]")
    page.wait_for_timeout(2000)
    page.wait_for_selector(".playing", state="detached", timeout=60_000)


def go(page: Page, where: str) -> None:
    page.goto(f"{URL}?at={where}")
    page.wait_for_timeout(1500)


def ask(page: Page, command: str, where: str, account: str, text: str) -> None:
    go(page, where)
    page.fill("#box", command)
    page.press("#box", "Enter")
    page.wait_for_selector("#dialog form")
    page.select_option("[data-field=account] select", label=account)
    page.fill("[data-field=text] input", text)
    page.click("#dialog button[type=submit]")
    page.wait_for_selector(f"#items >> text={text}")


def take(browser: Browser) -> None:
    swedish = reader(browser, "sv-SE", 1120, 740)
    ask(swedish, "/sm-fraga", LIBRARY, "Biblioteket på Instagram (Instagram)", "Har ni öppet på Lucia?")
    english = reader(browser, "en-GB", 900, 900)
    english.select_option("#as", label="Emily Clarke – account manager")
    english.wait_for_timeout(1500)
    ask(english, "/sm-question", WORLD, "International Office on X (X)", "When do applications close?")

    move(swedish, "workday")
    go(swedish, LIBRARY)
    swedish.evaluate("() => { const s = document.querySelector('#scroll'); s.scrollTop = s.scrollHeight; }")
    swedish.wait_for_timeout(300)
    swedish.screenshot(path=PICTURES / "monday.png")
    go(english, WORLD)
    english.locator("#items article").last.screenshot(path=PICTURES / "english.png")

    move(swedish, "workday")
    go(swedish, OFFICE)
    passed_on = swedish.locator("#items article", has_text="Har ni öppet på Lucia?").last
    passed_on.screenshot(path=PICTURES / "tuesday.png")


if __name__ == "__main__":
    with demo(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        take(browser)
        browser.close()
