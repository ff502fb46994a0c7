"""Why a request is answered without running anything."""


class Unreadable(Exception):
    """The request is no GraphQL request, or not one for its sender.

    `allow` names the methods that would do: RFC 9110, 15.5.6, wants them told beside a 405.
    """

    def __init__(
        self, status: int, message: str, code: str = "BAD_REQUEST", *, allow: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.allow = status, code, allow
