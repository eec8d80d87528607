"""Telling the processor which row of an array will be needed soon.

A kernel that jumps about in memory waits for most of its time. Where it knows a few steps ahead
which rows come, it can have them on their way.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

if TYPE_CHECKING:

    def prefetch(rows: NDArray[np.integer[Any]], n: int | np.uint64) -> None:
        """Have row ``n`` brought near; ``rows`` has one axis or two. In compiled code only."""

else:

    @intrinsic
    def prefetch(_context: Any, rows: Any, n: Any) -> Any:  # noqa: ANN401 - numba's own types
        """Have row ``n`` brought near; ``rows`` has one axis or two. In compiled code only."""
        return types.void(rows, n), _generated


def _generated(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
    build: Any = cgutils  # numba does not type what makes code
    ir = build.ir
    word, byte = ir.IntType(32), ir.IntType(8).as_pointer()
    rows = context.make_array(signature.args[0])(context, builder, args[0])
    n = context.cast(builder, args[1], signature.args[1], types.intp)
    begin = [context.get_constant(types.intp, 0)] * (signature.args[0].ndim - 1)
    at = build.get_item_pointer(context, builder, signature.args[0], rows, [n, *begin])
    kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
    call = build.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    # To be written to (1), and kept as near as can be (3); data, not instructions (1).
    builder.call(call, [builder.bitcast(at, byte), *(word(k) for k in (1, 3, 1))])
    return context.get_dummy_value()
