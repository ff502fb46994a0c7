"""Queries compiled to Python functions; graphql-core stays the truth (see the README).

- `plans`: which documents have a plan, and what happens when one fails.
- `completing`: a selection as a function from a value to its part of the answer.
- `writing`: what makes such a function of one expression.
- `reading`: how a field gets its value.
- `known`: the documents that were met lately.
- `checked`: valid documents are parsed and validated once, mutations too.
- `asked`: what a resolver can know of the selection below it.
"""
