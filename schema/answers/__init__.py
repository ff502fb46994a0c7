"""Answers that are kept and given again (see the README).

- `public`: which documents have an answer that is the same for everybody.
- `door`: stands in front of Django and gives what was kept.
- `shelf`: where it is kept, within bounds.
- `persisted`: documents that are called by their hash.
- `headers`: what an answer says of its own keeping.
"""
