"""Settings, all read from the environment. README's table explains each variable."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- mode ---------------------------------------------------------------------------------

DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False) and not DEMO
FICTIONAL_PHONES = env.bool("FICTIONAL_PHONES", default=DEMO or DEBUG)


def kept_secret_key() -> str:
    """The key of a demo or of development: made once, kept under var/, readable by its owner only."""
    file = VAR_DIR / "secret_key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(get_random_secret_key())
    return file.read_text()


def required(name: str, read: Any) -> Any:
    value = read(name, default=None)
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Without DEBUG=1 the environment must set {name}; see README, 'Settings'."
        )
    return value


if DEBUG or DEMO:
    SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret_key()
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    if DEBUG:
        ALLOWED_HOSTS += env.list("ALLOWED_HOSTS", default=["testserver"])
else:
    SECRET_KEY = required("SECRET_KEY", env.str)
    ALLOWED_HOSTS = required("ALLOWED_HOSTS", env.list)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # earlier keys: what they have signed stays good

CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- what it is made of -------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "tasks",
    "flags",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets are templates, which FORM_RENDERER looks up like all others
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "health_check",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "vanguard.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "vanguard.middleware.BodySizeMiddleware",  # before the check of the CSRF token, which reads the body
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "vanguard.urls"
WSGI_APPLICATION = "vanguard.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "vanguard.lib.saying"],
        },
    }
]
SILENCED_SYSTEM_CHECKS = ["models.W040"]  # SQLite leaves out the extra columns of a covering index
FORM_RENDERER = "vanguard.lib.form_renderer.FormRenderer"

# --- where things are kept ----------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'vanguard.sqlite3'}")
}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # One writer at a time: taking the write lock at BEGIN lets a second one wait instead of fail.
    # Recursive triggers let the guards see also what REPLACE deletes.
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; "
        "PRAGMA recursive_triggers=ON;",
    }
    # A file for the tests too: one in memory knows neither WAL nor a second writer who waits.
    DATABASE["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
elif DATABASE["ENGINE"] == "django.db.backends.postgresql":
    DATABASE.setdefault("OPTIONS", {})
    # A report's plan can look dear to the planner, and compiling it takes seconds where the answer takes none.
    DATABASE["OPTIONS"].setdefault("options", "-c jit=off")
    if env.bool("DATABASE_POOL", default=True):
        DATABASE["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", default=10),
            "timeout": 20,
        }
    DATABASE["CONN_MAX_AGE"] = 0  # the pool keeps connections; Django must hand them back

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("STATIC_MANIFEST", default=not DEBUG)  # off where nothing has been collected: the tests
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
BODY_AT_MOST = 64 * 1024 * 1024  # bytes of what one form sends: three large photos, or a long list
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))

# --- language and time --------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- people -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.authentication.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone", "username"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.signup.SignupForm"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False  # a city without an SMS gateway can still start
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = False
# How often an hour by the visitor's address (ip), which a village may share, and by the tracking number typed or who asks (key).
ACCOUNT_RATE_LIMITS = {
    "wish_sent": env.str("WISH_SENDING_RATE", default="60/h/ip"),
    "wish_not_found": env.str("WISH_TRACKING_RATE", default="30/h/ip,20/h/key"),  # wrong tries alone
    "member_sought": env.str("MEMBER_LOOKUP_RATE", default="60/h/key"),  # by a group's leader, whom to invite
    "dossier_not_found": env.str("DOSSIER_LOOKUP_RATE", default="30/h/ip"),  # wrong numbers alone
    "calendar_read": env.str("CALENDAR_READING_RATE", default="60/h/key"),  # by calendars, of one address
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "vanguard.lib.password.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEMO_PASSWORD = "weijia-demo-2026"  # offered on the demo's own log-in page and nowhere else

# --- the browser --------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = int(timedelta(days=30).total_seconds())
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)
# Log-in limits count by the visitor's address: unread, all of a city would share the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if HTTPS else 0)

# --- mail and background work -------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "dummymail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Vanguard Micro-Home <noreply@localhost>")

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True  # a job may run twice without harm, so a killed worker's job is run again
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "visibility_timeout": 3600}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE

# Job and seconds between two runs: read by Celery beat, and by `manage.py run_clock` where there is no Redis.
SCHEDULE = {
    "accounts.jobs.beat": 15,
    "accounts.jobs.relay_notices": 5,
    "accounts.jobs.resume_roster_imports": 5,
    "tasks.jobs.keep_time": 30,
    "tasks.jobs.sweep_photos": 3600,
    "tasks.jobs.chase_wishes": 3600,
    "tasks.jobs.chase_suggestions": 3600,
    "tasks.jobs.keep_posts": 600,
    "tasks.jobs.chase_activity_reports": 3600,
    "tasks.jobs.chase_group_requests": 3600,
    "tasks.jobs.offer_fitting": 600,
    "flags.jobs.resume_report_runs": 5,
    "flags.jobs.chase_unconfirmed": 3600,
    "flags.jobs.chase_appeals": 3600,
    "flags.jobs.rebuild_reports": 60,
    "flags.jobs.keep_dossiers": 3600,
}
CELERY_BEAT_SCHEDULE = {job: {"task": job, "schedule": seconds} for job, seconds in SCHEDULE.items()}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# --- rules of the domain that a city may set ----------------------------------------------

PRIVACY_VERSION = "2026-11"
SITE_URL = env.str("SITE_URL", default="")  # what QR codes and posters lead to; empty: as the request came in
OPEN_CLAIMS_AT_MOST = env.int("OPEN_CLAIMS_AT_MOST", default=5)
WITHDRAW_FREELY_UNTIL = timedelta(hours=env.int("WITHDRAW_HOURS", default=12))
WITHDRAW_FREELY_AFTER_CLAIM = timedelta(minutes=10)
# A place that becomes free after that is offered for so long to the first in the waiting list.
OFFER_LASTS = timedelta(minutes=env.int("OFFER_MINUTES", default=60))
OPINION_ANSWER_DAYS = env.int("OPINION_ANSWER_DAYS", default=7)  # a member's, before others see an opinion
GROUP_PLACE_KEPT_FOR = timedelta(hours=24)
CHASE_UNCONFIRMED_AFTER = timedelta(days=7)
CHASE_UNCONFIRMED_STREET_AFTER = timedelta(days=14)
# The day list can be ticked, and members can sign in, from so long before a shift begins; out until so long after its end.
DAY_LIST_OPENS_BEFORE = timedelta(minutes=env.int("DAY_LIST_MINUTES", default=30))
SIGN_OUT_UNTIL_AFTER = timedelta(hours=1)
SIGN_IN_CODE_LASTS = timedelta(seconds=60)  # after that the next one is shown; the one before still counts
WISH_TEXT_AT_MOST = 500
WISH_PHOTOS_AT_MOST = 3  # of a suggestion too
WISHES_A_DAY = env.int("WISHES_A_DAY", default=10)  # of one phone
WISH_ALIKE_WITHIN = timedelta(days=60)  # how far back an earlier wish may lie that says the same
# In working days: unanswered the secretary is told, then the street sees it; unclaimed it is offered to more people.
WISH_ANSWER_WITHIN = env.int("WISH_ANSWER_WITHIN", default=3)
WISH_STREET_AFTER = env.int("WISH_STREET_AFTER", default=7)
WISH_WIDEN_AFTER = env.int("WISH_WIDEN_AFTER", default=14)
# How long a published wish may be claimed.
WISH_LAST_DAY_AFTER = timedelta(days=env.int("WISH_LAST_DAY_AFTER", default=30))
SUGGESTION_TEXT_AT_MOST = 2000
SUGGESTIONS_A_DAY = env.int("SUGGESTIONS_A_DAY", default=10)  # of one phone, or of one member
# In working days: unanswered the secretary is told, then the street.
SUGGESTION_ANSWER_WITHIN = env.int("SUGGESTION_ANSWER_WITHIN", default=15)
SUGGESTION_STREET_AFTER = env.int("SUGGESTION_STREET_AFTER", default=20)
# From the end of an activity's last shift: overdue is its report then; after a year nobody is asked for it any more.
ACTIVITY_REPORT_WITHIN = timedelta(days=env.int("ACTIVITY_REPORT_DAYS", default=14))
ACTIVITY_REPORT_ASKED_FOR = timedelta(days=365)
APPEAL_WITHIN = timedelta(days=env.int("APPEAL_DAYS", default=15))
# In working days: to be answered by the community or the unit; from the answer on to be decided by the city.
APPEAL_ANSWER_WITHIN = env.int("APPEAL_ANSWER_WITHIN", default=7)
APPEAL_DECIDE_WITHIN = env.int("APPEAL_DECIDE_WITHIN", default=10)
# In working days: what a helper group has not answered by then the secretary is told of.
GROUP_REQUEST_ANSWER_WITHIN = env.int("GROUP_REQUEST_ANSWER_WITHIN", default=3)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # /healthz says what is wrong to those who ask, every few seconds; only what it did not expect is logged.
    "loggers": {"health_check": {"level": "ERROR"}},
}
