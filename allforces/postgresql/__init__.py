"""Django's backend for PostgreSQL, with connections that are kept between requests."""
