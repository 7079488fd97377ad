"""What was inserted into a reply is taken out again by one Ctrl+Z, and a ticket costs what it must."""

from program import chromium, fresh, insert_first, serving, sign_in

OWN_WORDS = "Dear Hanneke, "
ASKED_ONCE = ["/api/v1/frame-bearers", "/api/v1/suggestions"]


def run():
    with serving("--demo") as program, chromium() as browser:
        context = fresh(browser, locale="en")
        sign_in(context, program.link("agent"))
        page = context.new_page()
        posted = []
        context.on("request", lambda request: request.method == "POST" and posted.append(request.url.removeprefix(program.address)))
        page.goto(program.address + "/agent/inbox")
        tickets = page.locator("nav.tickets a.ticket")
        seen = tickets.count()
        assert seen == 12, seen
        reply, sidebar = page.get_by_label("Reply"), page.frame_locator("#sidebar")
        # The inbox opens the first by itself.
        sidebar.locator("#cards .hit").first.wait_for()
        for n in [0, 1]:
            posted.clear()
            tickets.nth(n).click()
            sidebar.locator("#cards .hit").first.wait_for()
            reply.press_sequentially(OWN_WORDS)
            insert_first(sidebar)
            page.get_by_text("Inserted").wait_for()
            inserted = reply.input_value()
            assert inserted.startswith(OWN_WORDS) and "/articles/" in inserted, inserted
            page.keyboard.press("Control+z")
            assert reply.input_value() == OWN_WORDS, reply.input_value()
            page.keyboard.press("Control+Shift+z")
            assert reply.input_value() == inserted, reply.input_value()
            asked = [path for path in posted if path in ASKED_ONCE]
            assert sorted(asked) == ASKED_ONCE, posted
    return "2 tickets, each with one bearer and one suggestion"
