"""Texts and whole magazines in and out: importing, exporting, intake, the old site, backup, demo."""
