"""Layer 0: pure text. Strings and dataclasses in and out; no database, request or settings."""
