"""The program on a fresh folder, and the browser that looks at it."""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

# A proof waits so long for one thing at most.
PATIENCE_MS = 15_000


class Program:
    """`serve` as a process. Its clock is turned by a file that libfaketime reads, so the program needs no hook for it."""

    def __init__(self, *arguments):
        self.folder = tempfile.mkdtemp(prefix="sidenote-browser.")
        self.data = os.path.join(self.folder, "data")
        self.clock = os.path.join(self.folder, "clock")
        self.arguments = arguments
        self.turn_clock(0)
        self.start()

    def start(self):
        serve = ["serve", "--listen", "127.0.0.1:0", *self.arguments]
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen(
            self._command(serve), env=self.environment(), stdout=subprocess.PIPE, stderr=log, text=True
        )
        log.close()
        self.said = []
        for line in self.process.stdout:
            self.said.append(json.loads(line))
            if "ready" in self.said[-1]:
                self.address = self.said[-1]["ready"]
                return
        with open(log.name) as told:
            raise SystemExit(f"serve ended before it was ready: {self.said}\n{told.read()}")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def end(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)

    def turn_clock(self, seconds):
        """From now on the program's clock is so much ahead of the machine's."""
        whole = self.clock + ".new"
        with open(whole, "w") as file:
            file.write(f"+{seconds}")
        os.replace(whole, self.clock)

    def link(self, role):
        """The sign-in link that the demo has printed for a role."""
        return next(line["url"] for line in self.said if line.get("sign_in") == role)

    def command(self, *arguments):
        """The last line of what a command of the program answers while it serves."""
        done = subprocess.run(self._command(arguments), env=self.environment(), check=True, capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    def get(self, path):
        """A public page or answer, as nobody in particular gets it."""
        with urllib.request.urlopen(self.address + path) as answer:
            return answer.read().decode()

    def _command(self, arguments):
        return [os.environ["SIDENOTE_BIN"], "--data", self.data, "--json", *arguments]

    def environment(self):
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not libraries:
            raise SystemExit("libfaketime is needed and not installed (Debian: apt-get install libfaketime)")
        turned = {
            "LD_PRELOAD": libraries[0],
            "FAKETIME_TIMESTAMP_FILE": self.clock,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        # A browser asks more in a minute than any reader.
        return {**os.environ, **turned, "SIDENOTE_RATE_LIMITS": "off"}


@contextmanager
def serving(*arguments):
    program = Program(*arguments)
    try:
        yield program
    finally:
        program.end()


@contextmanager
def chromium():
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("chromium is needed and not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def fresh(browser, **options):
    """A browser that knows nobody, and counts what a hand does in it: `clicks` of the context, in every window and frame."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    context.clicks = []
    context.expose_binding("sidenoteClicked", lambda source, what: context.clicks.append(what))
    # A key that presses a button is a click without a place, and counts too.
    context.add_init_script("""addEventListener("click", (event) => {
      if (event.isTrusted) sidenoteClicked(event.target.closest("a, button, input, label, summary")?.textContent?.trim() ?? "");
    }, true)""")
    return context


def sign_in(context, link):
    """Signs in by a link, in a window of its own that is closed again."""
    page = context.new_page()
    page.goto(link)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.close()


def press(page, button):
    """Presses a button or a link and waits for the page that it leads to."""
    with page.expect_navigation():
        button.click()


def insert_first(sidebar):
    """Inserts the first article that everybody may read, which goes in at the first press; buttons appear under the hand."""
    card = sidebar.locator(".hit:has([data-part=public]:not([hidden]))").first
    card.hover()
    card.locator("[data-act=link]").click()
