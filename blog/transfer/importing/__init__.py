"""Importer of articles that were written elsewhere: Markdown files with front matter, as Jekyll reads them."""
