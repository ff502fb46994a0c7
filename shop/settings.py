"""The settings, for every place; what differs between places comes from the environment."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from dotenv import load_dotenv

from shop import env, money
from shop.storages import places

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / os.environ.get("ENV_FILE", ".env"))  # the environment wins over the file

# ── what kind of place this is ──────────────────────────────────────────────────────────────
# A fresh checkout with no environment is a closed production, never an open debug server.
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEBUG else None)
for name, keys in (("SECRET_KEY", [SECRET_KEY]), ("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS)):
    if not DEBUG and any(len(key) < 50 or key.startswith("example-") for key in keys):
        env.refuse(name, "must be a random text of 50 characters or more, not the example's")
# Behind a proxy that ends TLS and sets X-Forwarded-Proto itself.
BEHIND_TLS_PROXY = env.flag("BEHIND_TLS_PROXY", default=False)
# Whose X-Forwarded-For tells a client's address (shop/clients.py). Without it a proxy would be
# the one customer that all rate limits meet.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
if BEHIND_TLS_PROXY and not TRUSTED_PROXIES:
    env.refuse("TRUSTED_PROXIES", "must name the proxy beside BEHIND_TLS_PROXY=on")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", default=[])
# Whose pages may call /graphql/ and /uploads/ from a browser (shop/cors.py).
CORS_ORIGINS = env.origins("CORS_ORIGINS")

# ── the shop ────────────────────────────────────────────────────────────────────────────────
SHOP_NAME = env.text("SHOP_NAME", default="Shop")
SHOP_CURRENCY = env.text("SHOP_CURRENCY", default="EUR")
# Who is named on invoices. Blank name: the shop's; the address line by line, comma separated.
SELLER_NAME = env.text("SELLER_NAME", default="")
SELLER_ADDRESS = env.names("SELLER_ADDRESS", default=[])
SELLER_TAX_ID = env.text("SELLER_TAX_ID", default="")
if not money.known(SHOP_CURRENCY):
    env.refuse("SHOP_CURRENCY", f"must be an ISO 4217 code such as EUR, not {SHOP_CURRENCY!r}")
SHOP_LANGUAGE = env.choice("SHOP_LANGUAGE", among=["en"], default="en")
# Where customers see the shop: links in mails lead there. Blank: mails show codes instead.
STOREFRONT_URL = env.address("STOREFRONT_URL", default="")
# ISO 3166-1 alpha-2: whose taxes are shown while nobody knows where a cart goes.
SHOP_COUNTRY = env.text("SHOP_COUNTRY", default="")
PRICES_INCLUDE_TAX = env.flag("PRICES_INCLUDE_TAX", default=True)
# Nobody signs in before the code from the mail has proven the address; staff do.
REQUIRE_VERIFIED_EMAIL = env.flag("REQUIRE_VERIFIED_EMAIL", default=False)
REVIEW_MODERATION = env.flag("REVIEW_MODERATION", default=False)
CART_DAYS = env.number("CART_DAYS", default=30, least=1)
TRANSFER_HOLD_DAYS = env.number("TRANSFER_HOLD_DAYS", default=7, least=1)
# How long after its delivery a parcel can be returned; 0: not at all.
RETURN_DAYS = env.number("RETURN_DAYS", default=30, least=0)
# What a buyer needs to pay by bank transfer; blank: bank transfer is not offered.
BANK_ACCOUNT = env.text("BANK_ACCOUNT", default="")
CASH_ON_DELIVERY = env.flag("CASH_ON_DELIVERY", default=True)
# GraphiQL and introspection.
GRAPHQL_EXPLORER = env.flag("GRAPHQL_EXPLORER", default=DEBUG)
# Queries that come again are compiled (schema/execution); off: graphql-core runs all of them.
GRAPHQL_COMPILED_PLANS = env.flag("GRAPHQL_COMPILED_PLANS", default=True)
# Answers of the public catalogue are kept in front of Django (schema/answers); off: none is.
GRAPHQL_ANSWER_CACHE = env.flag("GRAPHQL_ANSWER_CACHE", default=True)
# What one request may ask for; more is refused before any work (schema/limits).
GRAPHQL_LIMITS = {
    "tokens": 1_000,  # and as many comments
    "depth": 12,
    "introspection depth": 20,  # of what asks for the schema alone; the usual tools need 15
    "aliases": 30,
    "fields": 500,
    "fragments": 20,
    "spreads": 20,
    "directives": 5,
    "mutations": 4,
    "errors": 100,  # in one answer
    "cost": env.number("GRAPHQL_COST_LIMIT", default=50_000, least=1),
}
# How often one may do what (schema/rates, users/rates.py): so many times in so many seconds, and
# at most so many of them at once. A network is an IPv4 address or the /64 of an IPv6 one, and can
# be a whole office; an e-mail is the one in the input, whether it has an account or not.
RATE_LIMITS = {
    "registrations by network": (60, 3600, 30),
    "registrations by e-mail": (5, 3600, 5),
    "sign-ins by network": (60, 60, 120),
    "refreshes by network": (600, 60, 600),
    # Only wrong passwords count: at one account from one network; and, but for networks that the
    # account's owner signed in from lately, all from one network, and all at one account.
    "wrong passwords by account and network": (12, 3600, 5),
    "wrong passwords by network": (60, 3600, 30),
    "wrong passwords by account": (12, 3600, 30),
    # Codes by mail. Of all that were asked for, the last ones are still good: who floods a mailbox
    # keeps nobody from getting in.
    "reset mails by network": (60, 3600, 20),
    "reset mails by e-mail": (5, 3600, 5),
    "verification mails by network": (60, 3600, 20),
    "verification mails by e-mail": (5, 3600, 5),
    "address changes by account": (10, 3600, 5),
    "address changes by e-mail": (5, 3600, 5),
    "order links by network": (60, 3600, 20),
    "order links by e-mail": (10, 3600, 10),
    "mailed codes by network": (120, 3600, 30),
    "discount codes by network": (240, 3600, 60),
    "discount codes by account": (60, 3600, 20),
    "carts by network": (600, 3600, 120),
    "orders by network": (240, 3600, 60),
    "orders by account": (60, 3600, 20),
    "payments by network": (240, 3600, 60),
    "payments by account": (120, 3600, 30),
    "payment checks by network": (1200, 3600, 240),
    "reviews by network": (120, 3600, 40),
    "reviews by account": (30, 3600, 10),
    "votes by network": (600, 3600, 120),
    "votes by account": (120, 3600, 60),
    "alerts by account": (120, 3600, 60),
    "invoices by network": (600, 3600, 120),
    "invoices by account": (240, 3600, 60),
    "uploads by account": (1200, 3600, 200),
}

# ── the parts ───────────────────────────────────────────────────────────────────────────────
DATABASE_NAME = env.text("DATABASE_NAME", default="")
AWS_STORAGE_BUCKET_NAME = env.text("AWS_STORAGE_BUCKET_NAME", default="")
# Jobs run in this process after the commit, or are left to `manage.py procrastinate worker`.
JOBS = env.choice(
    "JOBS",
    among=["inline", "queue"],
    default="queue" if DATABASE_NAME and not DEBUG else "inline",
)
if JOBS == "queue" and not DATABASE_NAME:
    env.refuse("JOBS", "can be queue only on PostgreSQL, that is with DATABASE_NAME")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    *(["procrastinate.contrib.django"] if DATABASE_NAME else []),
    "strawberry_django",
    "users",
    "catalog",
    "checkout",
    "schema.apps.SchemaConfig",
    "schema.explorer",
    "shop.apps.ShopConfig",
]
MIDDLEWARE = [
    "shop.headers.ContentPolicy",  # around the others, whose refusals are answers as well
    "django.middleware.security.SecurityMiddleware",
    # With DEBUG on `runserver` hands out static files straight from the apps.
    *([] if DEBUG or AWS_STORAGE_BUCKET_NAME else ["whitenoise.middleware.WhiteNoiseMiddleware"]),
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Also what holds requests to ALLOWED_HOSTS on every path.
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"
LANGUAGE_CODE = SHOP_LANGUAGE
TIME_ZONE = "UTC"
USE_TZ = True

# ── databases ───────────────────────────────────────────────────────────────────────────────
SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": BASE_DIR / "db.sqlite3",
    # With Django's own defaults nine of ten parallel checkouts fail with "database is locked":
    # a transaction that starts as a reader cannot become a writer.
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        " PRAGMA foreign_keys=ON; PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;",
    },
}
POSTGRESQL: dict[str, Any] = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": DATABASE_NAME,
    "USER": env.text("DATABASE_USER", default="postgres"),
    "PASSWORD": env.text("DATABASE_PASSWORD", default=""),
    "HOST": env.text("DATABASE_HOST", default="127.0.0.1"),
    "PORT": env.number("DATABASE_PORT", default=5432, least=1),
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        # Workers beside the server's process take longer to start than a page takes to be read:
        # they are for what is to be counted.
        "options": "-c statement_timeout=15000 -c parallel_setup_cost=10000",
        # Statements that come again are kept by the server, each connection its own
        # (shop/prepared.py).
        "prepare_threshold": 5,
        # A server that is cut off says nothing: it is given up after 5 seconds while connecting,
        # after 20 in the middle of a statement (milliseconds here). By themselves: never.
        "connect_timeout": 5,
        "tcp_user_timeout": 20_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
    },
}
DATABASES = {"default": POSTGRESQL if DATABASE_NAME else SQLITE}

# ── sign-in ─────────────────────────────────────────────────────────────────────────────────
ACCESS_TOKEN_LIFETIME = timedelta(minutes=5)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
GRAPHQL_JWT = {
    "JWT_AUTH_HEADER_PREFIX": "Bearer",  # the library's own default is "JWT"
    "JWT_VERIFY_EXPIRATION": True,  # the library's own default never expires a token
    "JWT_EXPIRATION_DELTA": ACCESS_TOKEN_LIFETIME,
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# ── files ───────────────────────────────────────────────────────────────────────────────────
# A bucket, when one is named, else the local disk. Nothing but the settings knows which.
AWS_ACCESS_KEY_ID = env.text("AWS_ACCESS_KEY_ID", default="")
AWS_SECRET_ACCESS_KEY = env.text("AWS_SECRET_ACCESS_KEY", default="")
AWS_S3_REGION_NAME = env.text("AWS_S3_REGION_NAME", default="")
# Another store than Amazon's that speaks its protocol.
AWS_S3_ENDPOINT_URL = env.address("AWS_S3_ENDPOINT_URL", default="")
# A CDN's host in front of the bucket: what is public is fetched from there.
AWS_S3_CUSTOM_DOMAIN = env.text("AWS_S3_CUSTOM_DOMAIN", default="")
# when_required: for stores that refuse the checksums which Amazon's client sends since 2025.
AWS_S3_CHECKSUMS = env.choice(
    "AWS_S3_CHECKSUMS", among=["when_supported", "when_required"], default="when_supported"
)
PRIVATE_ROOT = BASE_DIR / "private"
LOCAL_STATIC = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
FILES = (
    places.in_bucket(
        name=AWS_STORAGE_BUCKET_NAME,
        key=(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY),
        region=AWS_S3_REGION_NAME,
        endpoint=AWS_S3_ENDPOINT_URL,
        domain=AWS_S3_CUSTOM_DOMAIN,
        checksums=AWS_S3_CHECKSUMS,
    )
    if AWS_STORAGE_BUCKET_NAME
    else places.on_disk(PRIVATE_ROOT)
)
# With DEBUG on static files come straight from the apps, where nobody has collected them.
STATIC_IN_BUCKET = bool(AWS_STORAGE_BUCKET_NAME) and not DEBUG
STORAGES: dict[str, Any] = (
    FILES if STATIC_IN_BUCKET else FILES | {"staticfiles": {"BACKEND": LOCAL_STATIC}}
)
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256_000  # a JSON body; files of a multipart request are not counted
DATA_UPLOAD_MAX_NUMBER_FILES = 10
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the admin's page of a product with hundreds of variants

# ── mail ────────────────────────────────────────────────────────────────────────────────────
# The console shows what mails say, codes and links included: for development alone.
EMAIL_HOST = env.text("EMAIL_HOST", default="" if DEBUG else None)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.number("EMAIL_PORT", default=587, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    env.refuse("EMAIL_USE_SSL", "and EMAIL_USE_TLS exclude each other: set one of them")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", default=f"{SHOP_NAME} <shop@localhost>")

# ── payment ─────────────────────────────────────────────────────────────────────────────────
# Without a key the shop runs and simply does not offer Stripe.
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", default="")
STRIPE_PUBLISHABLE_KEY = env.text("STRIPE_PUBLISHABLE_KEY", default="")
# Several, comma separated, while a secret is being rotated. A key without a secret stops
# the start: a blank one would accept events that anyone signs with the blank key.
STRIPE_WEBHOOK_SECRETS = env.names("STRIPE_WEBHOOK_SECRET", default=[])
if STRIPE_SECRET_KEY and not STRIPE_WEBHOOK_SECRETS:
    env.refuse("STRIPE_WEBHOOK_SECRET", "must be set beside STRIPE_SECRET_KEY")
# Where the sandbox answers in Stripe's place, and the key that it takes.
STRIPE_API_BASE = env.address("STRIPE_API_BASE", default="")
SANDBOX_KEY = "sk_test_sandbox"
if not DEBUG and STRIPE_API_BASE:
    env.refuse("STRIPE_API_BASE", "is for the sandbox, and that for DEBUG=on alone")
if STRIPE_API_BASE and STRIPE_SECRET_KEY != SANDBOX_KEY:
    env.refuse("STRIPE_API_BASE", "goes with the sandbox's key alone: no other key leaves for it")
if not DEBUG and STRIPE_SECRET_KEY == SANDBOX_KEY:
    env.refuse("STRIPE_SECRET_KEY", "is the sandbox's, which is for DEBUG=on alone")
# Keeps apart what several shops do with one Stripe account; part of every idempotency key.
STRIPE_DEPLOYMENT = env.text("STRIPE_DEPLOYMENT", default="shop")
# To connect and to answer, in seconds; the library's own default is 80.
STRIPE_TIMEOUT = (3, 10)
STRIPE_RETRIES = 1  # the library's own default for a client is none
# How long a payment by a delayed method, such as a direct debit, may hold its stock.
STRIPE_PROCESSING_DAYS = env.number("STRIPE_PROCESSING_DAYS", default=14, least=1)
# The origins that a buyer may be sent back to after paying; STOREFRONT_URL's is always one.
RETURN_ORIGINS = env.origins("RETURN_ORIGINS")

# ── HTTP ────────────────────────────────────────────────────────────────────────────────────
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ── logs ────────────────────────────────────────────────────────────────────────────────────
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "shop.redaction.Redacting",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Every SQL statement and every signing key of boto3 would be in the log at DEBUG, every
    # address of Stripe's at INFO.
    "loggers": {
        name: {"level": "WARNING"} for name in ("procrastinate", "boto3", "stripe", "fontTools")
    },
}
