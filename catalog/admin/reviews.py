"""What buyers say, for those who decide what is shown."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from catalog import reviews
from catalog.models import Review
from shop.admin_site import DomainAdmin, tell
from shop.errors import ShopError

Status = Review.Status
KINDS = {Status.PUBLISHED: "good", Status.PENDING: "wait", Status.REJECTED: "bad"}


@admin.register(Review)
class Reviews(DomainAdmin):
    """Words are the author's own: staff publish or reject them, and change nothing."""

    list_display = ["stars", "said", "product", "author", "verified", "state", "created_at"]
    list_filter = ["status", "rating", "verified"]
    list_select_related = ["product", "author"]
    search_fields = ["title", "body", "product__name", "author__email"]
    search_help_text = "Words, product or author"
    ordering = ["-created_at", "-pk"]
    actions = ["publish", "reject"]
    fields = [
        *("product", "author", "stars", "title", "body", "verified", "helpful_count", "state"),
        *("created_at", "updated_at"),
    ]
    readonly_fields = ["stars", "helpful_count", "state"]

    @admin.display(description="Stars", ordering="rating")
    def stars(self, review: Review) -> str:
        return "★" * review.rating + "☆" * (5 - review.rating)

    @admin.display(description="Review")
    def said(self, review: Review) -> str:
        body = f"{review.body[:140]}…" if len(review.body) > 140 else review.body
        return format_html('<strong>{}</strong> <span class="quiet">{}</span>', review.title, body)

    @admin.display(description="Status", ordering="status")
    def state(self, review: Review) -> str:
        kind = KINDS[Status(review.status)]
        return format_html('<span class="badge {}">{}</span>', kind, review.get_status_display())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Review | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Review | None = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_moderate_permission(request)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.moderate_review")

    def delete_model(self, request: HttpRequest, obj: Review) -> None:
        reviews.delete(obj.author, obj.product)

    @admin.action(description="Publish", permissions=["moderate"])
    def publish(self, request: HttpRequest, rows: QuerySet[Review]) -> None:
        self._moderate(request, rows, Status.PUBLISHED)

    @admin.action(description="Reject", permissions=["moderate"])
    def reject(self, request: HttpRequest, rows: QuerySet[Review]) -> None:
        self._moderate(request, rows, Status.REJECTED)

    def _moderate(self, request: HttpRequest, rows: QuerySet[Review], status: Any) -> None:
        done = 0
        for review in rows:
            try:
                reviews.moderate(review, status)
            except ShopError as refusal:
                tell(request, refusal, review)
            else:
                self.log_change(request, review, f"Status: {status.label}")
                done += 1
        if done:
            messages.success(request, f"{done} {status.label.lower()}.")
