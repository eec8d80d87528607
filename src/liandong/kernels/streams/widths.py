"""Numbers of a width, in compiled code."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:

    def whole(number: object) -> int:
        """Return a number as one of 64 bits. In compiled code only."""

    def word(number: object) -> int:
        """Return the lower half of a number. In compiled code only."""

else:
    whole, word = np.int64, np.int32
