"""What the database knows of its tables' sizes, from which it plans its queries."""

from django.db import connection


def learn_sizes() -> None:
    """After a bulk load: until PostgreSQL has counted, it plans as if the tables were as small as before.

    Its own clock would count within a minute or so, yet never inside a transaction that is still open.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
