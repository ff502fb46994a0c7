"""Answers that are not GraphQL: the health check and the errors of last resort, in JSON."""

import sys
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from shop import outages


def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "down", "database": "unreachable"}, status=503)
    return JsonResponse({"status": "ok", "database": connection.vendor})


def problem(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def unavailable() -> JsonResponse:
    response = problem(503, outages.CODE, outages.MESSAGE)
    response.headers["Retry-After"] = str(outages.SECONDS)
    return response


def not_found(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return problem(404, "NOT_FOUND", "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return problem(400, "BAD_REQUEST", "The request cannot be understood.")


def forbidden(request: HttpRequest, exception: Any = None) -> JsonResponse:
    return problem(403, "FORBIDDEN", "This is not allowed.")


def server_error(request: HttpRequest) -> JsonResponse:
    """503 where it is the database that is away, as Django is handling that right now."""
    if outages.is_outage(sys.exception()):
        return unavailable()
    return problem(500, "INTERNAL", "Something went wrong here. It has been logged.")
