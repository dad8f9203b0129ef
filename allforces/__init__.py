"""How the magazine runs: settings, URLs of the platform, health, start-up."""

__version__ = "1.0.0"
