"""Every page of the demo, as those see it whom it is for. A new page is a line in PAGES; a check in tests/tidy asks for it."""

import re
from urllib.parse import quote

from connect import POLL_S, consent, shows
from program import fresh, press, serving, sign_in

TAGS = ["en", "zh-Hans"]
WIDTHS = [320, 1280]
THEMES = ["light", "dark"]
HEIGHT = 800
WORDS = {"en": "password", "zh-Hans": "密码"}
TICKET = "10"
# All others are answered 200.
STATUS = {"not-found": 404, "forbidden": 403, "consent-unknown": 422}

# name | who sees it | the route | what its parameters are, and the query
PAGES = [
    ("setup", "nobody", "/setup", "?locale={tag}"),
    ("home", "nobody", "/{portal}/{locale}/", ""),
    ("category", "nobody", "/{portal}/{locale}/categories/{segment}", ""),
    ("section", "nobody", "/{portal}/{locale}/sections/{segment}", ""),
    ("article", "nobody", "/{portal}/{locale}/articles/{segment}", ""),
    ("manual", "nobody", "/{portal}/{locale}/articles/{segment}", ""),
    ("search", "nobody", "/{portal}/{locale}/search", "?q={word}"),
    ("search-nothing", "nobody", "/{portal}/{locale}/search", "?q=xyzzyx"),
    ("not-found", "nobody", "/{portal}/{locale}/", "nowhere"),
    ("problem", "nobody", "/problems/{slug}", "?locale={tag}"),
    ("api", "nobody", "/api", ""),
    ("sign-in", "nobody", "/sign-in", "?locale={tag}"),
    ("start", "nobody", "/agent/start", "?locale={tag}"),
    ("sidebar-signed-out", "nobody", "/agent/ticket", "?locale={tag}"),
    ("account", "customer", "/account", "?locale={tag}"),
    ("article-commented", "customer", "/{portal}/{locale}/articles/{segment}", "?voted=no"),
    ("inbox", "agent", "/agent/inbox", "?locale={tag}"),
    ("ticket", "agent", "/agent/inbox/{ticket}", "?locale={tag}"),
    ("sidebar", "agent", "/agent/ticket", "?system=demo&id=" + TICKET + "&locale={tag}"),
    ("sidebar-keys", "agent", "/agent/ticket", "?system=demo&id=" + TICKET + "&locale={tag}"),
    ("people", "admin", "/console/people", "?locale={tag}"),
    ("person", "admin", "/console/people/{person}", "?locale={tag}"),
    ("keys", "admin", "/console/keys", "?locale={tag}"),
    ("connections", "admin", "/console/connections", "?locale={tag}"),
    ("connection", "admin", "/console/connections/{connection}", "?locale={tag}"),
    ("connection-tried", "admin", "/console/connections/{connection}", "?locale={tag}"),
    ("connection-working", "admin", "/console/connections/{connection}", "?locale={tag}"),
    ("connection-over", "admin", "/console/connections/{connection}", "?locale={tag}"),
    ("consent", "admin", "/console/connections/{connection}", "?locale={tag}"),
    ("desk", "admin", "/demo/desk/", "?locale={tag}"),
    ("desk-article", "admin", "/demo/desk/articles/{number}", "?locale={tag}"),
    ("consent-unknown", "admin", "/connect/callback/{vendor}", "?locale={tag}"),
    ("comments", "admin", "/console/comments", "?locale={tag}"),
    ("forbidden", "agent", "/console/people", "?locale={tag}"),
]


class Walk:
    """Goes through the pages of a demo in all languages."""

    def __init__(self, program, browser, faults):
        # What the console of the browser reports goes to `faults`.
        self.program, self.browser, self.faults = program, browser, faults
        # By who and language: the window that they look through.
        self.windows = {}
        # By who: the link that signs them in, and the cookies of whoever is signed in.
        self.links, self.states = {}, {}

    def pages(self):
        """Yields each page's name, language and window, once it shows what it has to show."""
        self._fill()
        for name, who, route, more in PAGES:
            for tag in TAGS:
                window = self._window(who, tag)
                if name == "setup":
                    yield from self._setup(tag, window, route + more)
                    continue
                path = self._address(name, route, tag) + more.format(tag=tag, word=WORDS[tag])
                status = window.goto(self.program.address + path).status
                if status != STATUS.get(name, 200):
                    self.faults.append(f"{name} {tag}: {path} is answered {status}")
                self._ready(name, window)
                yield name, tag, window

    def _setup(self, tag, window, path):
        # There is a set-up while there is no admin, and the demo has one.
        with serving() as bare:
            window.goto(bare.address + path.format(tag=tag))
            yield "setup", tag, window

    def _fill(self):
        """A key, comments to decide on, and connections."""
        self.links = {role: self.program.link(role) for role in ["admin", "agent", "customer"]}
        self.program.command("key", "create", "--name", "crm", "--scopes", "read,suggest")
        customer = self._window("customer", TAGS[0])
        for text in ["Does this also hold for the app?", "The second step has moved to the menu."]:
            customer.goto(self.program.address + self._address("article", "", TAGS[0]))
            customer.locator("#comment").fill(text)
            press(customer, customer.locator("form:has(#comment) button"))
        admin = self._window("admin", TAGS[0])
        admin.goto(self.program.address + "/console/connections")
        admin.get_by_label("subdomain").first.fill("acme")
        admin.get_by_label("Id of the OAuth client").first.fill("sidenote")
        press(admin, admin.get_by_role("button", name="Make the connection").first)
        admin.goto(self.program.address + "/console/connections")
        press(admin, admin.get_by_role("button", name="Connect the demo's Zendesk"))
        consent(admin)
        press(admin, admin.get_by_role("button", name="Trial run"))
        shows(admin, "Articles that would come in\t40")

    def _window(self, who, tag):
        if (who, tag) not in self.windows:
            # One that is signed in is so in all languages; a link signs in once.
            context = fresh(self.browser, locale=tag, storage_state=self.states.get(who), reduced_motion="reduce")
            if who in self.links and who not in self.states:
                sign_in(context, self.links[who])
                self.states[who] = context.storage_state()
            window = self.windows[who, tag] = context.new_page()
            window.on("pageerror", lambda error: self.faults.append(f"{window.url}: {error}"))
            window.on("console", self._told)
        return self.windows[who, tag]

    def _told(self, message):
        # That a page is not there, or not for them, is what some of them are about.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{message.page.url}: {message.text}")

    def _found(self, path, pattern):
        return re.search(pattern, self.program.get(path))[0]

    def _address(self, name, route, tag):
        home = f"/help/{tag}/"
        match name:
            case "home" | "not-found":
                return home
            case "category":
                return self._found(home, rf"{home}categories/[^\"]+")
            case "section":
                return self._found(home, rf"{home}sections/[^\"]+")
            case "search" | "search-nothing":
                return home + "search"
            case "manual":
                # The longest: it has tables, lists, notes and a list of its headings.
                return self._found(home + "search?q=CSV", rf"{home}articles/[^\"#]+")
            case "article" | "article-commented":
                return self._found(f"{home}search?q={quote(WORDS[tag])}", rf"{home}articles/[^\"#]+")
            case "problem":
                return "/problems/not-found"
            case "ticket":
                return f"/agent/inbox/{TICKET}"
            case "person" | "consent" | "connection" | "connection-tried" | "connection-working" | "connection-over" | "desk-article":
                where, what = {
                    "person": ("/console/people", "main table a"),
                    "connection": ("/console/connections", "main table a:has-text('acme')"),
                    "consent": ("/console/connections", "main table a:has-text('acme')"),
                    "desk-article": ("/demo/desk/", "main li a"),
                }.get(name, ("/console/connections", "main table a:has-text('quillgo')"))
                lists = self._window("admin", tag)
                lists.goto(self.program.address + where)
                return lists.locator(what).first.get_attribute("href").split("?")[0]
            case "consent-unknown":
                return "/connect/callback/zendesk"
        return route

    def _ready(self, name, window):
        if name in ["inbox", "ticket"]:
            window.frame_locator("#sidebar").locator("#cards .hit").first.wait_for()
        if name.startswith("sidebar"):
            window.locator("#cards .hit, [data-state=signed-out]:not([hidden])").first.wait_for()
        # The first of the languages makes it so for all of them.
        if name == "connection-working" and window.locator("input[value=start]").count():
            window.locator("#portal").select_option(label="help")
            window.locator("#audience").select_option("public")
            press(window, window.locator("form[action*='/mapping'] button[type=submit]"))
            press(window, window.locator("form:has(input[value=start]) button"))
            shows(window, "Articles written\t40")
        if name == "connection-over" and window.locator("form:has(input[value=pause])").count():
            page = window.url
            window.goto(self.program.address + "/demo/desk/")
            press(window, window.locator("form:has(input[value=revoke]) button"))
            self.program.turn_clock(POLL_S)
            window.goto(page)
            shows(window, "Its grant is over")
        if name == "consent":
            press(window, window.locator("form[action*='/connect?'] button"))
        if name == "sidebar-keys":
            window.locator("[data-opens=keys]").click()
        # What is folded up is looked at too.
        window.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
