"""Answers that are not GraphQL: the health check and the errors of last resort, in JSON."""

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": connection.vendor})


def problem(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def not_found(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return problem(404, "NOT_FOUND", "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return problem(400, "BAD_REQUEST", "The request cannot be understood.")


def forbidden(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return problem(403, "FORBIDDEN", "This is not allowed.")


def server_error(request: HttpRequest) -> JsonResponse:
    return problem(500, "INTERNAL", "Something went wrong here. It has been logged.")
