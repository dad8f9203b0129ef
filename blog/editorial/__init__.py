"""Editorial core: content, revisions, permissions, publishing, review, terms, addresses, images."""
