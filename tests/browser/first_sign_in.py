"""From an empty folder to an admin with a portal."""

from program import chromium, fresh, serving

CLICKS_MAX = 4
SEND = "(fields) => fetch('/setup', { method: 'POST', body: new URLSearchParams(fields) }).then((answer) => answer.status)"


def run():
    with chromium() as browser, serving() as program:
        link = next(line["setup"] for line in program.said if "setup" in line)
        context = fresh(browser, locale="en")
        page = context.new_page()
        page.goto(link)
        assert "su_" not in page.url, "the code stays in the address"
        page.get_by_label("Your name").fill("Ada Okonjo")
        page.get_by_label("Your mail address").fill("ada@example.com")
        page.get_by_label("Name of the portal").fill("Heron Help")
        page.get_by_role("radio").first.check()
        page.locator("main form button[type=submit]").click()
        page.wait_for_url("**/console/people")
        clicks = len(context.clicks)
        assert 0 < clicks <= CLICKS_MAX, context.clicks
        assert page.get_by_role("link", name="Ada Okonjo").is_visible()
        page.goto(program.address + "/")
        assert page.url.endswith("/help/en/") and "Heron Help" in page.title(), page.url

        other = fresh(browser).new_page()
        assert other.goto(link).status == 404, "the link opens once"
        other.goto(program.address + "/sign-in")
        again = {"code": link.split("#")[1], "name": "Eve", "mail": "eve@example.com"}
        assert other.evaluate(SEND, again) == 404, "nor does its code"
        program.stop()
        program.start()
        assert not any("setup" in line for line in program.said), "no second link is printed"
        assert page.goto(program.address + "/account").status == 200, "the admin is still signed in"
    return f"{clicks} clicks"
