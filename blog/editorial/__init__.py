"""What editors do: content, revisions, permissions, publishing, review, terms, addresses, images."""
