"""Views of the magazine's readers: a query set, a template, and nothing about a visitor."""
