"""Views of the public site: a query set, a template, and nothing that depends on the visitor."""
