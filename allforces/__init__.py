"""Platform of the site: settings, URLs, health, middleware, start-up."""

__version__ = "1.0.0"
