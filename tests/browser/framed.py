"""The sidebar beside a ticket on another site, for a working day."""

import http.server
import os
import threading
from contextlib import contextmanager
from urllib.parse import quote

from program import chromium, fresh, insert_first, serving, sign_in

NEXT_TICKET = {"system": "crm", "id": "2", "subject": "How do I get an invoice with our VAT number"}
MINUTE = 60


class Pages(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *arguments):
        super().__init__(*arguments, directory=os.path.dirname(__file__))

    def log_message(self, *_):
        pass


@contextmanager
def crm():
    """Another site: for a browser 127.0.0.1 has nothing in common with localhost."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Desk:
    """An agent before the CRM, and what the frame asks for meanwhile."""

    def __init__(self, program, context, host):
        self.program, self.context, self.asked, self.ahead = program, context, [], 0
        context.on("response", lambda answer: self.asked.append((answer.status, answer.url.removeprefix(program.address))))
        self.page = context.new_page()
        self.page.goto(f"{host}/crm.html#{quote(program.address + '/agent/ticket')}")
        self.frame = self.page.frame_locator("#sidebar")

    def count(self, status, path):
        return self.asked.count((status, path))

    def suggestions(self, work):
        """Does something, and waits until the frame has been told other suggestions and shows them."""
        with self.page.expect_response("**/api/v1/suggestions") as answer:
            work()
        assert answer.value.status == 200, answer.value.status
        self.frame.locator("#cards .hit").first.wait_for()

    def turn_clock(self, minutes):
        """Lets time pass, for the program and for the browser."""
        self.ahead += minutes * MINUTE
        self.program.turn_clock(self.ahead)
        self.context.clock.fast_forward(minutes * MINUTE * 1000)

    def open_ticket(self, ticket):
        self.page.evaluate("(next) => { ticket = next; tell({ type: 'ticket', ticket }); }", ticket)


def run():
    # The address of the CRM has to be known to the program, so the CRM is there first.
    with crm() as host, serving("--demo", "--frame-ancestors", host) as program, chromium() as browser:
        context = fresh(browser, locale="en")
        context.clock.install()
        sign_in(context, program.link("agent"))
        context.clicks.clear()
        desk = Desk(program, context, host)
        button = desk.frame.get_by_role("button", name="Sign in")
        button.wait_for()
        desk.suggestions(button.click)
        assert len(context.clicks) == 1, context.clicks
        assert len(context.pages) == 1, "the window that signed in has closed"

        desk.suggestions(desk.page.reload)
        desk.suggestions(lambda: desk.open_ticket(NEXT_TICKET))
        for minutes in [20, 110]:
            before = desk.count(200, "/api/v1/frame-bearers/renew")
            desk.turn_clock(minutes)
            desk.suggestions(lambda: desk.open_ticket({**NEXT_TICKET, "id": f"after-{minutes}"}))
            assert desk.count(200, "/api/v1/frame-bearers/renew") == before + 1, desk.asked
            desk.turn_clock(20)
            desk.suggestions(desk.page.reload)
        assert len(context.clicks) == 1, context.clicks
        insert_first(desk.frame)
        desk.page.wait_for_function("document.getElementById('reply').value.includes('/articles/')")
        told = desk.page.evaluate("heard.map((message) => message.type)")
        assert {"ready", "resize", "insert"} == set(told), told

        # The clock is really turned: after two hours without work the frame is over, says so, and asks for a click.
        desk.turn_clock(121)
        desk.open_ticket({**NEXT_TICKET, "id": "late"})
        button.wait_for()
        assert desk.page.evaluate("heard.some((message) => message.type === 'ready' && message.expired)")
    return "one click, and none after a reload, the next ticket, 20 and 110 minutes"
