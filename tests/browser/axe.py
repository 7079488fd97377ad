"""axe-core over every page."""

from axe_playwright_python.sync_playwright import Axe
from pages import HEIGHT, TAGS, THEMES, WIDTHS, Walk
from program import chromium, serving

COUNTED = ["serious", "critical"]
# A frame is looked at as a page of its own.
LOOK = """async (counted) => {
  const found = await axe.run({ resultTypes: ["violations"], iframes: false });
  const serious = found.violations.filter((fault) => counted.includes(fault.impact));
  return serious.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`));
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faces(tag, whole):
    """The widths and themes in which a page is looked at: all, or every other one, which are the others in the other language."""
    everyone = [(w, t) for w in range(len(WIDTHS)) for t in range(len(THEMES))]
    chosen = [(w, t) for w, t in everyone if whole or (w + t + TAGS.index(tag)) % 2 == 0]
    return [(WIDTHS[w], THEMES[t]) for w, t in chosen]


def run(whole=False):
    faults, looks, seen = [], 0, set()
    with serving("--demo") as program, chromium() as browser:
        for name, tag, window in Walk(program, browser, faults).pages():
            seen.add(name)
            window.evaluate(Axe().axe_script)
            for width, theme in faces(tag, whole):
                window.set_viewport_size({"width": width, "height": HEIGHT})
                window.emulate_media(color_scheme=theme)
                face = f"{name} {tag} {width} {theme}"
                faults += [f"{face}: {fault}" for fault in window.evaluate(LOOK, COUNTED)]
                looks += 1
                wider = window.evaluate(WIDER)
                if wider > 0:
                    faults.append(f"{face}: {wider} pixels to scroll sideways")
        assert not faults, "\n".join(faults)
        # It does see what is wrong, or this proves nothing.
        window.evaluate("document.querySelector('main').append(document.createElement('button'))")
        assert window.evaluate(LOOK, COUNTED), "a button without a name is not seen"
    return f"{len(seen)} pages, looked at {looks} times"
