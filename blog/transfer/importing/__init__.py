"""Importer of Markdown files with front matter (Jekyll format)."""
