"""Export of the magazine as plain Markdown files, and bringing such an export back."""
