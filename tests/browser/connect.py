"""The help desk inside the demo is connected with a few presses, and what is done there shows here."""

import time

from program import chromium, fresh, press, serving, sign_in

# How often a page is loaded again until it shows something, and how long apart.
LOOKS, PAUSE_S = 60, 0.5
POLL_S = 61


class Clock:
    """The program's clock, which is only ever turned forward."""

    def __init__(self, program):
        self.program, self.ahead = program, 0

    def minute(self):
        self.ahead += POLL_S
        self.program.turn_clock(self.ahead)


def shows(page, *texts):
    """Loads the page again until it shows one of the texts."""
    for _ in range(LOOKS):
        page.reload()
        shown = page.locator("main").inner_text()
        if any(text in shown for text in texts):
            return shown
        time.sleep(PAUSE_S)
    raise AssertionError(f"none of {texts} in: {shown}")


def finds(program, word, title):
    """Asks the search, as nobody in particular, until it finds an article by this title."""
    for _ in range(LOOKS):
        if title in program.get(f"/api/v1/search?q={word}"):
            return
        time.sleep(PAUSE_S)
    raise AssertionError(f"{title} is not found")


def consent(page):
    press(page, page.get_by_role("button", name="Connect", exact=True))
    press(page, page.get_by_role("link", name="Continue to Zendesk"))
    press(page, page.get_by_role("button", name="Allow"))


def run():
    with serving("--demo") as program, chromium() as browser:
        clock, context = Clock(program), fresh(browser, locale="en")
        sign_in(context, program.link("admin"))
        page = context.new_page()
        began = time.monotonic()
        context.clicks.clear()
        page.goto(program.address + "/console/connections")
        press(page, page.get_by_role("button", name="Connect the demo's Zendesk"))
        consent(page)
        press(page, page.get_by_role("button", name="Trial run"))
        trial = shows(page, "Articles that would come in\t40")
        assert "Pictures, shown as a box with their text\t3" in trial, trial
        page.get_by_label("Portal").select_option(label="help")
        page.get_by_label("Who reads what has no rule of its own").select_option(label="Everybody")
        press(page, page.get_by_role("button", name="Save"))
        press(page, page.get_by_role("button", name="Start"))
        shows(page, "Articles written\t40")
        connection, presses, seconds = page.url, len(context.clicks), time.monotonic() - began

        # An edit, a move and an end at the desk are so here after one poll.
        page.goto(program.address + "/demo/desk/")
        press(page, page.locator("main li a").first)
        article = page.url
        page.get_by_label("Title").fill("Kingfisher on the counter")
        page.get_by_label("Section").select_option(index=3)
        press(page, page.get_by_role("button", name="Save"))
        clock.minute()
        finds(program, "kingfisher", "Kingfisher on the counter")
        page.goto(article)
        press(page, page.get_by_role("button", name="Archive"))
        clock.minute()
        for _ in range(LOOKS):
            if "Kingfisher" not in program.get("/api/v1/search?q=kingfisher"):
                break
            time.sleep(PAUSE_S)
        else:
            raise AssertionError("an archived article is still found")
        press(page, page.get_by_role("button", name="Restore"))
        clock.minute()
        finds(program, "kingfisher", "Kingfisher on the counter")

        # Two weathers, their effect and their end.
        def weather(label):
            page.goto(program.address + "/demo/desk/")
            page.get_by_label("From now on").select_option(label=label)
            press(page, page.get_by_role("button", name="Save"))
            clock.minute()
            page.goto(connection)

        weather("Too many calls: wait a minute (429)")
        shows(page, "has asked for a pause")
        weather("As it should")
        clock.minute()
        shows(page, "Changes come in every minute")
        page.goto(program.address + "/demo/desk/")
        press(page, page.get_by_role("button", name="Revoke every grant"))
        clock.minute()
        page.goto(connection)
        shows(page, "Its grant is over")
        consent(page)
        clock.minute()
        shows(page, "Changes come in every minute")
    return f"{presses} presses and {seconds:.0f} s from the list of connections to 40 articles"
