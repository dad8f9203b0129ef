"""Pure text functions (layer 0): strings and dataclasses in and out; no database, request or settings."""
