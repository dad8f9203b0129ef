from django.test import SimpleTestCase

from blog.text.dialects import JEKYLL
from blog.text.fences import code_language, file_name
from blog.text.markdown import render
from blog.text.portable import portable
from blog.text.scan import scan
from blog.text.source import public_source

LINES = "# 注釈\ndef __call__(self):\n    return a * b * c\n\n{{ x }} {% y %} <!-- z -->"


def html(body: str) -> str:
    return render(body, dialect=JEKYLL).html.strip()


class CodeTagTests(SimpleTestCase):
    def test_lines_between_tags_are_code_and_stay_as_they_are(self) -> None:
        for opening, closing in (
            ("{% highlight python %}", "{% endhighlight %}"),
            ("{%- highlight python linenos -%}", "{%- endhighlight -%}"),
            ("{% codeblock lang:python %}", "{% endcodeblock %}"),
            ("{% code lang:python %}", "{% endcode %}"),
            ('{{< highlight python "linenos=table" >}}', "{{< /highlight >}}"),
            ("{{% highlight python %}}", "{{% /highlight %}}"),
            ('{{< code lang="python" >}}', "{{< /code >}}"),
        ):
            for before in ("", "文\n"):
                body = f"{before}{opening}\n{LINES}\n{closing}\n後"
                with self.subTest(body):
                    rendered = render(body)
                    self.assertEqual(
                        rendered.html.count('<pre tabindex="0"><code class="language-python">'), 1
                    )
                    self.assertNotRegex(rendered.html, "<h2|<strong|<em|endhigh|endcode")
                    self.assertEqual(rendered.plain_text, f"{before}{LINES}\n後")
                    self.assertEqual(rendered.html.count("<p>"), 1 + bool(before))
                    prose = scan(body).without_code()
                    self.assertEqual(prose.split(), [*before.split(), "後"])
                    self.assertEqual(len(prose), len(body))
                    self.assertEqual(public_source(body, title="題", site="https://a"), f"{body}\n")

    def test_code_in_lists_and_quotations_and_on_one_line(self) -> None:
        self.assertIn(
            "<li>\n<p>a</p>\n<pre", html("- a\n\n  {% highlight c %}\n  int x;\n  {% endhighlight %}\n- b")
        )
        self.assertEqual(
            render("> {% highlight %}\n> a\n>\n>   b\n> {% endhighlight %}").plain_text, "a\n\n  b"
        )
        self.assertEqual(render("{% highlight js %}let a{% endhighlight %}").plain_text, "let a")

    def test_code_tag_within_a_line_is_code_within_the_line(self) -> None:
        body = "文 {% highlight js %}a = **b**{% endhighlight %} 後"
        self.assertEqual(html(body), "<p>文 <code>a = **b**</code> 後</p>")
        self.assertEqual([code.text for code in scan(body).code], ["a = **b**"])
        self.assertEqual(scan(body).without_code().split(), ["文", "後"])

    def test_title_of_a_code_block_is_its_caption(self) -> None:
        shown = html("{% codeblock Array.map lang:js https://a.example/ 出典 %}\na\n{% endcodeblock %}")
        self.assertIn("<figcaption>Array.map</figcaption>", shown)
        self.assertIn("language-javascript", shown)
        self.assertIn(
            "<figcaption>a.ts</figcaption>", html('{{< code lang="ts" title="a.ts" >}}\na\n{{< /code >}}')
        )

    def test_a_tag_without_an_end_hides_nothing(self) -> None:
        self.assertEqual(html("{% highlight python %}\n文"), "<p>文</p>")
        self.assertEqual(html("{{< highlight a >}}\n文"), "<p>{{&lt; highlight a &gt;}}<br>文</p>")
        self.assertEqual(html("> {% highlight a %}\n> 文\n\n{% endhighlight %}").count("<p>文</p>"), 1)

    def test_raw_text_keeps_its_template_tags(self) -> None:
        self.assertEqual(
            html("{% raw %}\n{{ page.title }} {% include x %}\n\n- **太** {% y %}\n{% endraw %}\n{% z %}後"),
            "<p>{{ page.title }} {% include x %}</p>\n<ul>\n<li><strong>太</strong> {% y %}</li>\n</ul>\n<p>後</p>",
        )
        self.assertEqual(html("文{% raw %}{% x %}{% endraw %}"), "<p>文{% x %}</p>")
        self.assertEqual(html("{% raw %}{% x %}{% endraw %}"), "<p>{% x %}</p>")
        fenced = "{% raw %}\n```\n{% x %}\n```\n{% endraw %}"
        self.assertEqual(render(fenced).plain_text, "{% x %}")
        self.assertEqual(public_source(fenced, title="題", site="https://a"), "```\n{% x %}\n```\n")
        within = "{% highlight liquid %}\n{% raw %}\n{{ a }}\n{% endraw %}\n{% endhighlight %}"
        self.assertEqual(render(within).plain_text, "{{ a }}")

    def test_other_tags_of_generators_leave_no_braces(self) -> None:
        for text in (
            "{{% notice %}}文{{% /notice %}}",
            "[前]({% post_url 2020-01-01-a %})",
            "{{ site.baseurl }}/x",
        ):
            self.assertEqual(html(text), f"<p>{text}</p>")


class InfoTests(SimpleTestCase):
    def test_language_and_file_name_in_the_forms_of_other_sites(self) -> None:
        for info, language, name in (
            ("js", "javascript", ""),
            ("js:index.js", "javascript", "index.js"),
            ("ruby:app/a.rb 説明", "ruby", "app/a.rb"),
            ("js:設定 ファイル.js", "javascript", "設定"),
            ("{.ruby}", "ruby", ""),
            ('{.python .numberLines filename="a b.py"}', "python", "a b.py"),
            ("{#a .ruby}", "ruby", ""),
            ("diff_js", "diff", ""),
            ("diff js:src/a.js", "diff", "src/a.js"),
            ("ruby {hl_lines=[1]}", "ruby", ""),
            ("js{1,3-5}", "javascript", ""),
            ('js title="src/a.js"', "javascript", "src/a.js"),
            ("js:title=a.js", "javascript", "a.js"),
            ("python a.py", "python", "a.py"),
            ("index.js", "javascript", "index.js"),
            (":a.rb", "ruby", "a.rb"),
            ("text:メモ.txt", "", "メモ.txt"),
            ("c++:a.cpp", "cpp", "a.cpp"),
            ("objective-c", "", ""),
            ("https://a.example/", "", ""),
            ("js これは例です", "javascript", ""),
            ("", "", ""),
        ):
            with self.subTest(info):
                self.assertEqual((code_language(info), file_name(info)), (language, name))

    def test_file_name_is_a_caption_on_the_page_in_feeds_and_in_search(self) -> None:
        rendered = render("```js:index.js\nconst a = 1;\n```")
        self.assertTrue(
            rendered.html.startswith(
                '<figure class="code-file">\n<figcaption>index.js</figcaption>\n<pre tabindex="0"><code class="language-javascript">'
            )
        )
        self.assertEqual(rendered.plain_text, "index.js\nconst a = 1;")
        feed = portable(rendered.html, page="https://a.example/")
        self.assertIn("<figure>\n<figcaption>index.js</figcaption>\n<pre><code>const a = 1;", feed)
        self.assertIn("<figcaption>&lt;b&gt;.js</figcaption>", html("```js:<b>.js\na\n```"))
