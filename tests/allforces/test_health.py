from django.test import TestCase, override_settings


class HealthTests(TestCase):
    def test_a_monitor_hears_ok_and_no_cache_keeps_it(self):
        response = self.client.get("/healthz")
        self.assertEqual((response.status_code, response.content), (200, b"ok\n"))
        self.assertIn("no-store", response.headers["Cache-Control"])
        self.assertEqual(response.cookies, {})

    def test_a_probe_without_tls_is_not_sent_to_https(self):
        with override_settings(SECURE_SSL_REDIRECT=True):
            self.assertEqual(self.client.get("/healthz").status_code, 200)
            self.assertEqual(self.client.get("/accounts/login/").status_code, 301)

    def test_nothing_can_be_posted_to_it(self):
        self.assertEqual(self.client.post("/healthz").status_code, 405)
