"""Who may drive something out of a memory that is full: not what comes for the first time."""

from collections import OrderedDict
from collections.abc import Hashable


class Newcomers:
    """What came once lately, by hashes: long keys take no place. Its user holds the lock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._once: OrderedDict[int, None] = OrderedDict()

    def came_before(self, key: Hashable) -> bool:
        """Whether it comes for the second time; else that is kept in mind."""
        known = hash(key)
        if known in self._once:
            del self._once[known]
            return True
        self._once[known] = None
        if len(self._once) > self._most:
            self._once.popitem(last=False)
        return False
