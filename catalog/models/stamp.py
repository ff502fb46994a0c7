"""How often the catalogue changed."""

from django.db import models


class Stamp(models.Model):
    """Read and moved by `catalog.stamp` alone.

    On SQLite one row counts the moves. On PostgreSQL the sequence of its ids does, and the table
    stays empty: a row would make all who change the catalogue wait for each other.
    """

    moves = models.PositiveBigIntegerField(default=0)
