"""Public side: pages, search, related posts, feeds, sitemaps, images, notifications."""
