"""A mail server that takes mails, or does what mail servers do on bad days."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal, TextIO

Mood = Literal["takes", "refuses", "says nothing", "drops the text", "holds the text"]


class Post:
    """Speaks as much SMTP as it needs to; `mood` may change between connections.

    refuses: 451 to every recipient. says nothing: the connection is taken, and that is all.
    drops the text: cut when the text was sent. holds the text: taken when it is let `go`.
    """

    def __init__(self) -> None:
        self.mood: Mood = "takes"
        self.taken: list[str] = []  # the mails that it has answered for
        self.asked = threading.Semaphore(0)  # once more for each connection that goes wrong
        self.go = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._lines: list[socket.socket] = []

    def run(self) -> None:
        with suppress(OSError):  # closed from outside
            while True:
                line, _ = self._door.accept()
                self._lines.append(line)
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def close(self) -> None:
        self.go.set()
        for line in [self._door, *self._lines]:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _serve(self, line: socket.socket) -> None:
        if self.mood == "says nothing":
            self.asked.release()
            return
        with suppress(OSError, ValueError), line, line.makefile("rw") as talk:
            self._say(talk, "220 post")
            while heard := talk.readline():
                verb = heard[:4].upper().strip()
                if verb == "QUIT":
                    self._say(talk, "221 bye")
                    break
                if verb == "DATA":
                    self._take(talk, line)
                elif verb == "RCPT" and self.mood == "refuses":
                    self.asked.release()
                    self._say(talk, "451 not now")
                else:
                    self._say(talk, "250 ok")

    def _take(self, talk: TextIO, line: socket.socket) -> None:
        self._say(talk, "354 go on")
        text = "".join(iter(talk.readline, ".\n"))
        if self.mood == "drops the text":
            self.asked.release()
            line.shutdown(socket.SHUT_RDWR)
            return
        if self.mood == "holds the text":
            self.asked.release()
            self.go.wait(60)
        self.taken.append(text)
        self._say(talk, "250 taken")

    def _say(self, talk: TextIO, text: str) -> None:
        talk.write(f"{text}\r\n")
        talk.flush()


@contextmanager
def post() -> Iterator[Post]:
    server = Post()
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
