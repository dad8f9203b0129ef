import xml.etree.ElementTree as ET

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from blog.text.normalise import normalise, one_line

ANY_TEXT = st.text(st.characters(codec=None))


class NormaliseTests(SimpleTestCase):
    def test_text_pasted_from_a_mac_is_stored_composed(self):
        self.assertEqual(normalise("か\u3099くふ\u309aろ"), "がくぷろ")

    def test_line_ends_of_every_system_become_newlines(self):
        self.assertEqual(normalise("一\r\n二\r三\n四"), "一\n二\n三\n四")

    def test_what_xml_forbids_is_gone_and_tabs_and_newlines_stay(self):
        self.assertEqual(normalise("\ufeffa\x00\x0b\x1f\ufffe\uffff\ud800b\t\n"), "ab\t\n")

    @given(ANY_TEXT)
    def test_any_text_survives_a_feed_and_normalising_twice_changes_nothing(self, text):
        once = normalise(text)
        self.assertEqual(normalise(once), once)
        escaped = once.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        ET.fromstring(f"<item>{escaped}</item>".encode())

    def test_stacked_marks_are_cut_and_real_ones_are_not(self):
        self.assertEqual(len(normalise("x" + "\u0323" * 20_000)), 31)
        self.assertEqual(normalise("Vie\u0323\u0302t"), "Vi\u1ec7t")

    def test_title_is_one_line_whatever_was_pasted(self):
        self.assertEqual(one_line("  一行目\r\n\t二行目　三\x00 "), "一行目 二行目 三")
