from django.core.validators import validate_unicode_slug
from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.names import format_tags, is_visible, parse_tags, public_path, slugify, tag_key, tag_slug


class TagTests(SimpleTestCase):
    def test_width_case_and_spaces_do_not_make_another_tag(self):
        keys = {tag_key(name) for name in ("AI", "ＡＩ", " ai ", "Ａi")}
        self.assertEqual(keys, {"ai"})
        self.assertEqual(tag_key("ｶﾌｪ　バー"), tag_key("カフェ バー"))

    def test_names_that_look_the_same_are_one_tag(self):
        self.assertEqual(tag_key("葛\U000e0100飾"), tag_key("葛飾"))
        self.assertEqual(tag_key("❤\ufe0f"), tag_key("❤"))
        self.assertEqual(tag_key("生成\u200bAI"), tag_key("生成AI"))
        self.assertEqual(parse_tags("葛飾、葛\U000e0101飾、\u2060"), ["葛飾"])

    def test_c_and_its_relatives_have_slugs_of_their_own(self):
        slugs = {
            name: tag_slug(name) for name in ("C", "C++", "C#", "F#", ".NET", "ASP.NET", "Node.js", "Q&A")
        }
        self.assertEqual(
            slugs,
            {
                "C": "c",
                "C++": "cpp",
                "C#": "csharp",
                "F#": "fsharp",
                ".NET": "dotnet",
                "ASP.NET": "aspnet",
                "Node.js": "nodejs",
                "Q&A": "q-and-a",
            },
        )

    def test_japanese_stays_and_a_tag_of_signs_still_has_an_address(self):
        self.assertEqual(tag_slug("最新ニュース"), "最新ニュース")
        self.assertEqual(tag_slug("企業: Microsoft"), "企業-microsoft")
        self.assertEqual([tag_slug(name) for name in ("！！", "++", "…")], ["tag", "tag", "tag"])

    def test_commas_of_every_kind_separate_and_spaces_do_not(self):
        self.assertEqual(
            parse_tags("EU AI Act、投資，ＤＸ, 投資\n,生成AI,dx"), ["EU AI Act", "投資", "ＤＸ", "生成AI"]
        )
        self.assertEqual(parse_tags(" 、,， \n"), [])

    def test_what_is_shown_is_read_back(self):
        names = ["EU AI Act", "C++", "最新ニュース"]
        self.assertEqual(parse_tags(format_tags(names)), names)

    @given(st.text())
    def test_every_tag_slug_is_valid_and_every_key_is_stable(self, name):
        validate_unicode_slug(tag_slug(name))
        self.assertEqual(tag_key(tag_key(name)), tag_key(name))


class SlugTests(SimpleTestCase):
    def test_what_shows_nothing_is_no_name(self):
        for text in ("\u200b", "\u2060\ufe0f", "\u0301", " \u3000", "\u3164", "\u2800", "", "\u200d\u20dd"):
            self.assertFalse(is_visible(text), ascii(text))
        for text in ("題", "！？", "👩\u200d🚀", "é", "5", "が"):
            self.assertTrue(is_visible(text), ascii(text))

    def test_title_becomes_a_slug_in_its_own_script(self):
        self.assertEqual(slugify("AIエージェント：2026年、Ｑ＆Ａ！"), "aiエージェント2026年qa")
        self.assertEqual(slugify("Hello,  World — Again"), "hello-world-again")

    def test_long_title_is_cut_without_a_trailing_hyphen(self):
        self.assertEqual(slugify("ab " * 50, limit=6), "ab-ab")

    @given(st.text())
    def test_slug_is_stable_and_never_empty_for_a_text_with_a_letter(self, text):
        slug = slugify(text, limit=1_000)
        self.assertEqual(slugify(slug, limit=1_000), slug)
        self.assertTrue(slug or not any(char.isalpha() and char.isascii() for char in text))


class PublicPathTests(SimpleTestCase):
    def test_raw_encoded_and_sloppy_forms_are_one_path(self):
        forms = ["/2026/01/02/生成ai/", "2026/01/02/%E7%94%9F%E6%88%90ai", "//2026//01/02/%e7%94%9f成ai/ "]
        self.assertEqual({public_path(form) for form in forms}, {"/2026/01/02/生成ai/"})

    def test_decomposed_path_of_an_old_file_name_is_composed(self):
        self.assertEqual(public_path("/エーシ\u3099ェント"), "/エージェント/")

    def test_files_keep_their_end_and_versions_are_not_files(self):
        self.assertEqual(public_path("/feed.xml"), "/feed.xml")
        self.assertEqual(public_path("/old/page.html/"), "/old/page.html")
        self.assertEqual(public_path("/gpt-4.5"), "/gpt-4.5/")
        self.assertEqual(public_path(""), "/")

    def test_what_no_page_may_have_is_refused_in_japanese(self):
        refused = [
            "/a\nb/",
            "/a%00b/",
            "/a/../b/",
            "/a/%2e%2e/b/",
            "/a/%252e%252e/b/",
            "/./",
            "/a\\b/",
            "/%5cevil.example/",
            "/%ff/",
            "/a?b=1",
            "/a#b",
            "/" + "あ" * 500,
            "/" + "%25" * 5_000,
        ]
        for path in refused:
            with self.subTest(path=path[:30]), self.assertRaisesRegex(ValueError, "[ぁ-ん]"):
                public_path(path)

    def test_path_never_names_another_host(self):
        self.assertEqual(public_path("//evil.example/x"), "/evil.example/x/")

    @given(st.text())
    def test_the_stored_form_is_stable(self, text):
        try:
            path = public_path(text)
        except ValueError:
            return
        self.assertEqual(public_path(path), path)
        self.assertNotIn("//", path)
