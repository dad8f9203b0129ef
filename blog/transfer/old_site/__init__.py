"""Old site: its paths, its sections and its static pages, which go on answering."""
