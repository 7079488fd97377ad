"""Runs the proofs that are named, two at a time, and says what each has shown."""

import importlib
import os
import signal
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
# The longest first.
PROOFS = ["axe", "connect", "readme", "framed", "undo", "first_sign_in"]
# One that hangs is ended, and has failed.
PROOF_MAX_SECONDS = 180


def prove(name, running):
    """A proof in a process of its own: whether it held, how long it took, and what it said."""
    began = time.monotonic()
    command = [sys.executable, __file__, "--only", name]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    running.append(process)
    try:
        said, _ = process.communicate(timeout=PROOF_MAX_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
        said, _ = process.communicate()
    return process.returncode == 0, time.monotonic() - began, said.strip()


def only(name, *arguments):
    try:
        print(importlib.import_module(name).run(*arguments))
        return 0
    except Exception as error:
        # Where in the proof it was; what lies below is the browser's.
        ours = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(f.filename) == HERE]
        print("".join(traceback.format_list(ours[1:])), error)
        return 1


def prove_all(names):
    running, failed = [], False

    def stop(*_):
        for process in running:
            process.terminate()
        sys.exit(1)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with ThreadPoolExecutor(2) as pool:
        for name, (held, seconds, said) in zip(names, pool.map(lambda name: prove(name, running), names)):
            failed |= not held
            print(f"{name}: {'ok' if held else 'FAILED'} after {seconds:.0f} s: {said}", flush=True)
    return int(failed)


def main(arguments):
    # Whoever ends this ends the program and the browser that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    match arguments:
        case ["--only", name]:
            return only(name)
        case ["shots", folder]:
            return only("shots", folder)
        case ["axe", "whole"]:
            return only("axe", True)
    unknown = [name for name in arguments if name not in PROOFS]
    if unknown:
        print(f"no proof is called {unknown[0]}; there are {', '.join(PROOFS)}", file=sys.stderr)
        return 2
    return prove_all(arguments or PROOFS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
