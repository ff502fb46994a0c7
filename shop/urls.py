"""The few addresses of the shop; whatever is not here gets a JSON 404."""

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from catalog.receiving import receive
from checkout.webhooks.view import stripe_webhook
from schema.view import graphql_view, sdl
from shop import admin_login
from shop.views import healthz, not_found

handler404 = "shop.views.not_found"
handler500 = "shop.views.server_error"
handler400 = "shop.views.bad_request"
handler403 = "shop.views.forbidden"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/graphql/")),
    re_path(r"^graphql/?$", graphql_view),
    path("graphql/schema.graphql", sdl, name="sdl"),
    path("webhooks/stripe/", stripe_webhook),
    path("healthz", healthz),
    path("uploads/<str:allowed>", receive, name="upload"),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/login/", admin_login.login),
    path("admin/", admin.site.urls),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
    # Also with DEBUG on, where Django would answer with a page of its own.
    re_path("", not_found),
]
