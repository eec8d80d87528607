"""Numbers of a width, in compiled code."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:

    def whole(number: object) -> int:
        """Return a number as one of 64 bits. In compiled code only."""

    def word(number: object) -> int:
        """Return the lower half of a number. In compiled code only."""

    def upper(a: np.uint64, b: np.uint64) -> np.uint64:
        """Return the upper 64 bits of a product; ``a * b`` are the lower. In compiled code only."""

else:
    whole, word = np.int64, np.int32

    @intrinsic
    def upper(_context: Any, _a: Any, _b: Any) -> Any:  # noqa: ANN401 - numba's own types
        """Return the upper 64 bits of a product; ``a * b`` are the lower. In compiled code only."""
        return types.uint64(types.uint64, types.uint64), _upper


def _upper(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:  # noqa: ANN401
    ir: Any = cgutils.ir  # type: ignore[attr-defined]
    wide = ir.IntType(128)
    a, b = (builder.zext(number, wide) for number in args)
    above = builder.lshr(builder.mul(a, b), ir.Constant(wide, 64))
    return builder.trunc(above, ir.IntType(64))
