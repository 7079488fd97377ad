//! Plain text, as any system writes it, to HTML: paragraphs, and breaks where a line ends.

/// The paragraphs of a text. A line that holds nothing but blanks, or a page break, ends one.
pub(super) fn to_html(source: &str) -> String {
    // Old systems mark where a text begins and where it ends.
    let source = source.trim_start_matches('\u{feff}');
    let text = super::lines(source.trim_end_matches('\u{1a}'));
    let text = text
        .replace(['\u{c}', '\u{2029}'], "\n\n")
        .replace(['\u{85}', '\u{2028}', '\u{b}'], "\n");
    let mut html = String::new();
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.split('\n').chain([""]) {
        let line = line.trim();
        if !line.is_empty() {
            paragraph.push(line);
        } else if !paragraph.is_empty() {
            let lines: Vec<String> = paragraph.drain(..).map(super::page::escape).collect();
            html.push_str(&format!("<p>{}</p>\n", lines.join("<br>\n")));
        }
    }
    html
}
