"""Django project: settings, URLs, middleware, health check, start-up."""

__version__ = "1.0.0"
