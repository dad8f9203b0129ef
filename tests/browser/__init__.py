"""The desk's and the readers' scripts in a real browser, against a real server: `manage.py test tests.browser`."""
