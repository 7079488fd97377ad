"""Texts that are made to cost more than they weigh. `shared/kb-text` counts the work of these kinds; here they are timed."""

import json

# So long is a body at most as JSON.
BYTES = 950_000

# Written over and over.
HTML = """<span></x>|<b></x>|<i></b>|<ul></z><li></z>|<dl></q><dd>|<div>|<a <a |<b><i>|<table><tr><td>|<p><b>|<a href=x>|<li>|<h1>|<td>
<!--|<script>|<a b='|<xmp>|<textarea>|<svg>|<x></x>|<select><option>|<input type=checkbox>|<font color=1>|<p id=a>|&amp;|<ruby><rt>""".replace("\n", "|").split("|")
MARKDOWN = [
    "[[[[", "*_*_", "> > > > > > > > > > > > x\n", "# a?\n\n", "<span></x>", "[^a] ", "- - - - - - ", "1. 1. 1. 1. ", "`` ` ", "![a](",
    "**a ", "_a__", "|a|b|\n|-|-|\n", "https://a.b/c，", "~~a", "::: tip\n", "!!! note\n    ", "<Card>\n", "> [!NOTE]\n", "[a]: b\n",
    "[^1]: a\n", "- [x] a\n", "[](a) ", "[![a)", "{% x %} ", "{% raw %}", "{{/* ", "{{< youtube a :material-a: ", "%%a%% {/* ", "<!-- a ", "&",
]


def whole(piece):
    return piece * (BYTES // (len(json.dumps(piece, ensure_ascii=False).encode()) - 2))


BOMBS = [(piece, "html", whole(piece)) for piece in HTML]
BOMBS += [(piece, "markdown", whole(piece)) for piece in MARKDOWN + HTML[:8]]
BOMBS += [
    ("opened and closed", "html", "<h1>" * 100_000 + "</h1>" * 100_000),
    ("attributes", "html", "<p" + "".join(f" a{n}=1" for n in range(90_000)) + ">x</p>"),
    ("links", "markdown", "".join(f"[](a{n})" for n in range(90_000))),
    ("notes", "markdown", "[^a] " * 180_000 + "\n\n[^a]: note\n"),
    ("table", "markdown", "|" + "a|" * 5_000 + "\n|" + "-|" * 5_000 + "\n" + "|\n" * 300_000),
    ("long address", "markdown", "[a]: /" + "x" * 2_000 + "\n\n" + "[a] " * 200_000),
    ("one word of Han", "markdown", "记" * 300_000),
    ("ideographs of all kinds", "markdown", "".join(chr(0x4E00 + n * 7 % 20_000) for n in range(300_000))),
    ("one long word", "markdown", "a" * BYTES),
    ("marks over one letter", "markdown", "a" + "\u0301" * 450_000),
    ("paragraphs", "markdown", "word " * 10 + "\n\n" * 1 + ("one two three four\n\n" * 40_000)),
]
