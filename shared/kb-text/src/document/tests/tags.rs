//! Marks of site generators in imported sources.

use super::*;

/// What a reader sees of an imported source.
fn read(source: &str) -> String {
    let (text, _) = resolve_template_tags(source);
    render(BodyFormat::Markdown, &text, &KeepLinks).plain
}

#[test]
fn code_keeps_its_braces_in_every_form() {
    for source in [
        "1. Add the step:\n\n   ```yaml\n   token: ${{ secrets.KEY }}\n   ```\n\n2. Done.\n",
        "Add the step:\n\n    token: ${{ secrets.KEY }}\n\nDone.\n",
        "> ```\n> hello {{ name }}\n> ```\n",
        "1. Step\n\n   ~~~\n   hello {{ site.x }} {% include y %} {: .z} {#c}\n   ~~~\n",
        "- a\n  - b\n\n    ```\n    {{< ref \"x\" >}} {/* y */} %%z words%%\n    ```\n",
        "Write `{{ site.title }}` or ``{% raw %} ` {% endraw %}`` and `{: .note}`.\n",
        "<pre>{{ site.title }}</pre>\n\n<code>{% x %}</code> and ```{{ site.y }}```\n",
        "````\n```\n{{ site.x }}\n```\n{{ site.y }}\n````\n",
        "```\nimport x from 'y'\n:::row\n[!INCLUDE [a](b)]\n```\n",
        "\timport x from 'y'\n\t{{ site.z }}\n",
    ] {
        assert_eq!(
            resolve_template_tags(source),
            (source.to_owned(), vec![]),
            "{source}"
        );
    }
}

#[test]
fn braces_that_are_no_tag_stay() {
    for (source, shown) in [
        (
            "The route is /users/{:id} and the template is {:name}.",
            "The route is /users/{:id} and the template is {:name}.",
        ),
        (
            "{% raw %}{{ customer.name }}{% endraw %} is replaced when the mail is sent.",
            "{{ customer.name }} is replaced when the mail is sent.",
        ),
        (
            "Dear {{ customer.name }}, your code is {{code}}.",
            "Dear {{ customer.name }}, your code is {{code}}.",
        ),
        (
            "Set ${{ env.X }} and ${HOME}, {a, b}, {#if ready} and {}.",
            "Set ${{ env.X }} and ${HOME}, {a, b}, {#if ready} and {}.",
        ),
        (
            "Write {{</* ref \"x\" */>}} to link.",
            "Write {{< ref \"x\" >}} to link.",
        ),
        (
            "An object {\"a\": 1}, a set {'b'}, 100%% sure, %%i and %%j.",
            "An object {\"a\": 1}, a set {'b'}, 100%% sure, %%i and %%j.",
        ),
        (
            "She said: import the file, export default settings.",
            "She said: import the file, export default settings.",
        ),
        (
            "模板中写 {{name}}，不要写 {name}。",
            "模板中写 {{name}}，不要写 {name}。",
        ),
    ] {
        assert_eq!(read(source), shown);
    }
    let (_, warnings) = resolve_template_tags("Dear {{ name }}\n");
    assert_eq!(warnings[0].to_string(), "line 1: {{ name }} kept as text");
}

#[test]
fn tags_go_and_what_they_hold_or_say_stays() {
    for (source, shown) in [
        ("{{{ .starter }}} clusters are free.", "clusters are free."),
        (
            "{{< figure src=\"a.png\" alt=\"The settings screen\" >}}\n\nText.",
            "The settings screen\nText.",
        ),
        (
            "{{% notice tip \"Mind it\" %}}\nBack up.\n{{% /notice %}}",
            "Mind it\nBack up.",
        ),
        (
            "{% if page.x %}Shown{% else %} and this{% endif %}.",
            "Shown and this.",
        ),
        (
            "{{< tab \"macOS\" >}}\nRun it.\n{{< /tab >}}",
            "macOS\nRun it.",
        ),
        (
            "{% highlight ruby %}\nputs '{{ x }}'\n{% endhighlight %}\nAfter.",
            "puts '{{ x }}'\nAfter.",
        ),
        (
            "{{< youtube abc123 >}}",
            "https://www.youtube.com/watch?v=abc123",
        ),
        ("{% hint style=\"info\" %}\nText\n{% endhint %}", "Text"),
        (
            "Link [a]({{< ref \"b.md\" >}}) [c]({% link d.md %}) [e]({{ '/f' | relative_url }})",
            "Link a c e",
        ),
        (
            "Text{: .note #id}\n{: .label }\n\n{:toc}\n\n{:.no_toc}\n\nAfter",
            "Text\nAfter",
        ),
        ("[TOC]\n\nText\n\n[[_TOC_]]", "Text"),
        (
            "[!INCLUDE [shared text](../includes/x.md)]\n\nText.",
            "Text.",
        ),
        ("> [!div class=\"nextstepaction\"]\n> [Next](x.md)", "Next"),
        (
            "![a](https://example.com/a.png =100x20) :material-check: ok",
            "a ok",
        ),
        (
            "::: zone pivot=\"x\"\nText\n::: zone-end\n\n:::row:::\n:::column span=\"2\":::\nMore\n:::column-end:::\n:::row-end:::",
            "Text\nMore",
        ),
        (
            "::: code-group\n\n```js\nx\n```\n\n:::\n\nAfter",
            "x\nAfter",
        ),
        (
            ":::image type=\"content\" source=\"a.png\" alt-text=\"The screen\":::",
            "The screen",
        ),
        ("--8<-- \"shared.md\"\n\nText", "Text"),
        ("::: tip\nStays a note\n:::", "Tip\nStays a note"),
    ] {
        assert_eq!(read(source), shown, "{source}");
    }
}

#[test]
fn modules_and_comments_of_mdx_and_wikis_go() {
    for (source, shown) in [
        (
            "import Tabs from '@theme/Tabs';\n\nexport const year = 2024;\n\n{/* a comment for writers */}\n\nText.",
            "Text.",
        ),
        (
            "import {a, b} from \"x\"\nimport * as c from 'y';\nimport './z.css'\n\nText{\" \"}on.",
            "Text on.",
        ),
        ("export function F() {\n  return 1;\n}\n\nText.", "Text."),
        (
            "Text {/* internal */}on.\n\n{/*\n# Internal\n*/}\n\nAfter.",
            "Text on.\nAfter.",
        ),
        (
            "Text %%internal words%% on.\n\n%%\n# Internal\n%%\n\nAfter.",
            "Text on.\nAfter.",
        ),
        (
            "{% comment %}\n```\ninternal\n```\n{% endcomment %}Text {# internal #}{{!-- internal --}}{{/* internal */}}on.",
            "Text on.",
        ),
        ("{::comment}\ninternal\n{:/comment}\n\nText.", "Text."),
        ("## Setup {/* #set-up */}\n\n[x](#set-up)", "Setup\nx"),
    ] {
        assert_eq!(read(source), shown, "{source}");
    }
    let (text, warnings) = resolve_template_tags(
        "a\n\n```\nx\ny\n```\n\nb {% include c %}\n\n:::row:::\n{{ site.x }}\n",
    );
    assert_eq!(text, "a\n\n```\nx\ny\n```\n\nb \n\n\n\n");
    let lines: Vec<usize> = warnings.iter().map(|w| w.line).collect();
    assert_eq!(lines, [8, 10, 11]);
}

#[test]
fn blocks_for_some_readers_keep_their_marks() {
    for source in [
        "a\n::: only department=hr\nsecret\n:::\n",
        "::: onyl x\nsecret\n:::\n",
        "> ::: whatever level=agent\n> secret\n> :::\n",
        "::: include key=k3v9q2ha\n:::\n",
    ] {
        assert_eq!(resolve_template_tags(source).0, source);
    }
}
