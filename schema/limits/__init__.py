"""What a document may ask for, decided before any work is done for it (see the README).

- `parsing`: text to document, as many tokens as are allowed.
- `guard`: what is counted on the document, before it is validated.
- `cost`: what an answer may come to at most, as a function of the variables.
- `weights`: how long lists are assumed to be, and which fields cost more than others.
- `extension`: where graphql-core's way asks all of this.
"""

from schema.limits.cost import Estimate, estimate_of, is_dear
from schema.limits.extension import Limits
from schema.limits.guard import check
from schema.limits.parsing import parsed

__all__ = ["Estimate", "Limits", "check", "estimate_of", "is_dear", "parsed"]
