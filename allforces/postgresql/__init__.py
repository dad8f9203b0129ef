"""Database backend for PostgreSQL: Django's, with a connection pool for requests."""
