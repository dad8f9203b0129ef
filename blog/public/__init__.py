"""What readers and machines get: pages, search, related posts, feeds, sitemaps, pictures, notifications."""
