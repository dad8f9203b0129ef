"""Old site: its paths, sections and static pages, which keep working."""
