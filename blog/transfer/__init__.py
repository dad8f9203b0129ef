"""Data transfer: import, export, intake of manuscripts, the old site, backup, demo data."""
