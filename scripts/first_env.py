"""Copy .env.example to .env with a key of its own; an existing .env stays as it is."""

import secrets
from pathlib import Path

target = Path(".env")
if not target.exists():
    example = Path(".env.example").read_text()
    key = next(line for line in example.splitlines() if line.startswith("SECRET_KEY="))
    target.write_text(example.replace(key, f"SECRET_KEY={secrets.token_urlsafe(50)}"))
    target.chmod(0o600)
