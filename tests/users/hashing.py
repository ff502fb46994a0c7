"""A password hasher that counts its work: what takes alike long does alike much of it."""

from django.contrib.auth.hashers import MD5PasswordHasher


class CountingHasher(MD5PasswordHasher):
    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


class Work:
    """How many passwords have been hashed since it began."""

    def __init__(self) -> None:
        self.before = CountingHasher.hashed

    @property
    def done(self) -> int:
        return CountingHasher.hashed - self.before
