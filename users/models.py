"""People and their ways in: accounts, addresses, and the tokens that are kept (as digests)."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from users.querysets import UserQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with that e-mail, whatever the case of its letters."""
        return User.objects.with_email(username or "").get()


Users = UserManager.from_queryset(UserQuerySet)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account; signs in with the e-mail address."""

    email = models.EmailField(max_length=254, unique=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    # Since when they want news and offers by mail; null: they do not. ConsentChange keeps the past.
    marketing_consent_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The account is gone: the row stays for the reviews alone, and says nothing of anybody.
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Part of every access token: counting up ends all that were issued before.
    token_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = Users()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                name="user_closed_has_no_way_in",
                condition=Q(closed_at=None)
                | Q(is_active=False, is_staff=False, is_superuser=False),
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="user_newest")]

    def __str__(self) -> str:
        return self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def public_name(self) -> str:
        """First name and initial, as others see it; never the address."""
        return f"{self.first_name} {self.last_name[:1]}{'.' * bool(self.last_name)}".strip()


class ConsentChange(models.Model):
    """When a user agreed to marketing, and when they took it back. Rows are added, never changed.

    The proof that the law asks of the sender (GDPR, article 7, paragraph 1).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consent_changes")
    given = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]


class PostalFields(models.Model):
    """The lines of an address, with the limits that every copy of one keeps to."""

    name = models.CharField(max_length=200)
    company = models.CharField(max_length=200, blank=True)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    # ISO 3166-1 alpha-2; `users.countries` knows which exist.
    country = models.CharField(max_length=2, validators=[RegexValidator(r"\A[A-Z]{2}\Z")])
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    POSTAL: ClassVar[tuple[str, ...]] = (
        *("name", "company", "line1", "line2", "city", "region", "postcode", "country", "phone"),
    )


class Address(PostalFields):
    """One of a user's own addresses."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    is_default_shipping = models.BooleanField(default=False)
    is_default_billing = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(is_default_shipping=True),
                name="address_one_default_shipping",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(is_default_billing=True),
                name="address_one_default_billing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.line1}, {self.city}"


class RefreshToken(models.Model):
    """The right to get a new access token, once: each use makes the next of its family."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.CharField(max_length=64, unique=True)  # SHA-256; the token is not kept
    family = models.UUIDField(db_index=True)
    rotated_to = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="rotated_from"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class OneTimeToken(models.Model):
    """A link sent by mail: good for one purpose, once, for a while."""

    class Purpose(models.TextChoices):
        PASSWORD_RESET = "PASSWORD_RESET"
        EMAIL_VERIFICATION = "EMAIL_VERIFICATION"
        EMAIL_CHANGE = "EMAIL_CHANGE"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="one_time_tokens")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    email = models.EmailField(max_length=254, blank=True)  # where it was sent: what it proves
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)


class Allowance(models.Model):
    """How much somebody has used up of what a rate limit allows (`users.rates`)."""

    key = models.UUIDField(primary_key=True, editable=False)  # a digest, which tells nobody who
    whole_at = models.BigIntegerField()  # when all of it is there again; microseconds since 1970


class KnownNetwork(models.Model):
    """A network from which somebody proved lately to own an account (`users.attempts`)."""

    key = models.UUIDField(primary_key=True, editable=False)  # a digest of both
    seen_at = models.DateTimeField()
