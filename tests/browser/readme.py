"""The README's block that connects a help desk, each command as it stands there; a hand consents on the page that the first one names."""

import os
import re
import subprocess
import time

from connect import LOOKS, PAUSE_S, consent
from program import chromium, fresh, serving, sign_in

HEADING = "## Connect your help desk in ten minutes"
ARTICLES = 40


def commands():
    with open("README.md") as file:
        _, section = file.read().split(HEADING)
    block = section.split("```sh\n")[1].split("```")[0]
    return block.strip().splitlines()


def run():
    with serving("--demo") as program, chromium() as browser:
        context = fresh(browser, locale="en")
        sign_in(context, program.link("admin"))
        page = context.new_page()
        # `sidenote` is the program, on the folder of the one that serves.
        path = os.path.join(program.folder, "sidenote")
        with open(path, "w") as file:
            file.write(f'#!/bin/sh\nexec "{os.environ["SIDENOTE_BIN"]}" --data "{program.data}" "$@"\n')
        os.chmod(path, 0o755)
        environment = {**program.environment(), "PATH": program.folder + ":" + os.environ["PATH"]}

        def told(command):
            done = subprocess.run(["bash", "-c", command], env=environment, check=True, capture_output=True, text=True)
            return done.stdout

        first, *others = commands()
        began = time.monotonic()
        context.clicks.clear()
        page.goto(re.search(r"http\S+/console/connections/\S+", told(first))[0])
        consent(page)
        for command in others:
            last = told(command)
        assert "zendesk:quillgo  working" in last, last
        for _ in range(LOOKS):
            if program.command("connection", "zendesk:quillgo", "status")["written"] == ARTICLES:
                break
            time.sleep(PAUSE_S)
        else:
            raise AssertionError(program.command("connection", "zendesk:quillgo", "status"))
        seconds = time.monotonic() - began
        assert "scanner" in program.get("/api/v1/search?q=pair+the+scanner").lower()
    return f"{len(others) + 1} commands and {len(context.clicks)} presses, {seconds:.0f} s to {ARTICLES} articles"
