"""Export of the magazine as Markdown files for Jekyll, and restore of such an export."""
