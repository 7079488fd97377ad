//! Hostile markup, made by class: elements with handlers, addresses with schemes, mutations, and the same in Markdown.

/// What a payload does when it runs: a page that is titled so was taken over.
pub(crate) const MARK: &str = "taken-over";

const HANDLERS: [&str; 8] = [
    "onerror",
    "onload",
    "onclick",
    "onmouseover",
    "onfocus",
    "ontoggle",
    "onbegin",
    "onanimationstart",
];

/// Elements that handlers are hung on, with what makes each of them act.
const ELEMENTS: [(&str, &str); 14] = [
    ("img", "src=x"),
    ("svg", ""),
    ("body", ""),
    ("input", "autofocus"),
    ("video", "src=x"),
    ("audio", "src=x"),
    ("details", "open"),
    ("iframe", "src=x"),
    ("object", "data=x"),
    ("marquee", ""),
    ("a", "href=x"),
    ("style", ""),
    ("select", "autofocus"),
    ("p", "style=animation-name:x"),
];

/// Addresses that run, in the spellings that browsers still understand.
const ADDRESSES: [&str; 14] = [
    "javascript:JS",
    "JaVaScRiPt:JS",
    " javascript:JS",
    "java\tscript:JS",
    "java\nscript:JS",
    "java\u{0}script:JS",
    "\u{1}javascript:JS",
    "&#106;avascript:JS",
    "&#x6A;avascript:JS",
    "javascript&colon;JS",
    "javascript&#58;JS",
    "vbscript:JS",
    "data:text/html,<script>JS</script>",
    "data:text/html;base64,PHNjcmlwdD5wYXJlbnQuZG9jdW1lbnQudGl0bGU9J3Rha2VuLW92ZXInPC9zY3JpcHQ+",
];

/// Where an address stands.
const PLACES: [&str; 12] = [
    "<a href=\"URL\">a</a>",
    "<a href='URL'>a</a>",
    "<a href=URL>a</a>",
    "<a xlink:href=\"URL\">a</a>",
    "<svg><a xlink:href=\"URL\"><text>a</text></a></svg>",
    "<img src=\"URL\">",
    "<img srcset=\"URL 1x\">",
    "<iframe src=\"URL\"></iframe>",
    "<form action=\"URL\"><button>a</button></form>",
    "<button formaction=\"URL\">a</button>",
    "<object data=\"URL\"></object>",
    "<math href=\"URL\">a</math>",
];

/// Markup that parsers read one way and write another.
const MUTATIONS: [&str; 22] = [
    "<script>JS</script>",
    "<SCRIPT\n>JS</SCRIPT\n>",
    "<scr<script>ipt>JS</scr</script>ipt>",
    "<script src=data:text/javascript,JS></script>",
    "<svg><script>JS</script></svg>",
    "<svg><style><img src=x onerror=JS></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=JS&gt;\">",
    "<math><mi><mglyph><svg><mtext><textarea><path id=\"</textarea><img src=x onerror=JS>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=JS>\">",
    "<template><img src=x onerror=JS></template>",
    "<xmp><p title=\"</xmp><img src=x onerror=JS>\">",
    "<textarea><img title=\"</textarea><img src=x onerror=JS>\">",
    "<title><a title=\"</title><img src=x onerror=JS>\">",
    "<!--><img src=x onerror=JS>-->",
    "<![CDATA[><img src=x onerror=JS>]]>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=JS>",
    "<table><td><svg><desc><td><img src=x onerror=JS></desc></svg></table>",
    "<select><template><style></select><img src=x onerror=JS></style></template></select>",
    "<base href=\"javascript:JS//\"><a href=\"#\">a</a>",
    "<meta http-equiv=refresh content=\"0;url=javascript:JS\">",
    "<link rel=stylesheet href=\"javascript:JS\">",
    "<a href=\"x\" style=\"background:url(javascript:JS)\">a</a>",
];

/// The same by way of Markdown.
const MARKDOWN: [&str; 14] = [
    "[a](URL)",
    "![a](URL)",
    "[a](<URL>)",
    "[a][r]\n\n[r]: URL",
    "![a][r]\n\n[r]: <URL>",
    "<URL>",
    "[a](URL \"title\")",
    "[a](x \"\\\" onclick=JS\")",
    "# a {#b onclick=JS}",
    "# <img src=x onerror=JS>",
    "```\" onclick=\"JS\na\n```",
    "| a |\n|---|\n| <img src=x onerror=JS> |",
    "> <svg onload=JS>",
    "- [ ] <details open ontoggle=JS>",
];

/// Payloads in HTML; each runs by itself where it is not cleaned.
pub(crate) fn html() -> Vec<String> {
    let mut all = Vec::new();
    for (element, active) in ELEMENTS {
        for handler in HANDLERS {
            all.push(format!("<{element} {active} {handler}=\"JS\">"));
            all.push(format!(
                "<{element}/{active}/{}='JS'/>",
                handler.to_uppercase()
            ));
            all.push(format!("\"><{element} {active}\n{handler}\t=\nJS>"));
        }
    }
    for place in PLACES {
        all.extend(ADDRESSES.iter().map(|url| place.replace("URL", url)));
    }
    all.extend(MUTATIONS.iter().map(|m| (*m).to_owned()));
    all.iter().map(|p| armed(p)).collect()
}

/// Payloads in Markdown, those in HTML among them, which Markdown passes on.
pub(crate) fn markdown() -> Vec<String> {
    let mut all = Vec::new();
    for text in MARKDOWN {
        if text.contains("URL") {
            all.extend(ADDRESSES.iter().map(|url| text.replace("URL", url)));
        } else {
            all.push(text.to_owned());
        }
    }
    all.iter().map(|p| armed(p)).chain(html()).collect()
}

fn armed(payload: &str) -> String {
    payload.replace("JS", &format!("parent.document.title='{MARK}'"))
}
