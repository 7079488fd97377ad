"""Pictures of every page, to look at."""

import os

from pages import HEIGHT, THEMES, WIDTHS, Walk
from program import chromium, serving


def run(folder):
    os.makedirs(folder, exist_ok=True)
    taken = 0
    with serving("--demo") as program, chromium() as browser:
        for name, tag, window in Walk(program, browser, []).pages():
            for width in WIDTHS:
                window.set_viewport_size({"width": width, "height": HEIGHT})
                for theme in THEMES:
                    window.emulate_media(color_scheme=theme)
                    window.screenshot(path=os.path.join(folder, f"{name}-{tag}-{width}-{theme}.png"), full_page=True)
                    taken += 1
    return f"{taken} pictures in {folder}"
