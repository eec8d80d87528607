"""Arrays by their addresses, for what is called once for each event.

Handing an array to compiled code costs a tenth of a microsecond, and twenty arrays more than the
work that is done on one event. They are bound once, into one table of where they lie.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj
from numpy.typing import NDArray

Int = NDArray[np.int64]
WIDTH = 3


def bound(*arrays: NDArray[Any]) -> Int:
    """Return where arrays lie and how large they are: a row for each.

    They have one or two axes and stand in memory row by row. The caller keeps them as long as the
    table is used.
    """
    if not all(a.flags.c_contiguous for a in arrays):
        raise ValueError("an array that does not stand in memory row by row cannot be bound")
    return np.array([(a.ctypes.data, *a.shape, 1)[:WIDTH] for a in arrays], np.int64)


if TYPE_CHECKING:

    def line(table: Int, n: int) -> Int:
        """Return array ``n`` of whole numbers, of one axis. In compiled code only."""

    def grid(table: Int, n: int) -> Int:
        """Return array ``n`` of whole numbers, of two axes. In compiled code only."""

    def real_line(table: Int, n: int) -> NDArray[np.float64]:
        """Return array ``n`` of real numbers, of one axis. In compiled code only."""

    def real_grid(table: Int, n: int) -> NDArray[np.float64]:
        """Return array ``n`` of real numbers, of two axes. In compiled code only."""

    def word_line(table: Int, n: int) -> NDArray[np.int32]:
        """Return array ``n`` of words, of one axis. In compiled code only."""

    def word_grid(table: Int, n: int) -> NDArray[np.int32]:
        """Return array ``n`` of words, of two axes. In compiled code only."""

    def byte_line(table: Int, n: int) -> NDArray[np.uint8]:
        """Return array ``n`` of bytes, of one axis. In compiled code only."""

    def byte_grid(table: Int, n: int) -> NDArray[np.uint8]:
        """Return array ``n`` of bytes, of two axes. In compiled code only."""

else:

    def _of(kind: Any, axes: int) -> Any:  # noqa: ANN401 - numba's own types
        """Return what makes an array of so many axes, where the table says."""

        @intrinsic
        def there(_context: Any, table: Any, _n: Any) -> Any:  # noqa: ANN401
            found = types.Array(kind, axes, "C")

            def generated(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
                given = arrayobj.make_array(signature.args[0])(context, builder, args[0])

                def said(column: int) -> Any:  # noqa: ANN401
                    at = [args[1], context.get_constant(types.intp, column)]
                    where = cgutils.get_item_pointer(context, builder, signature.args[0], given, at)
                    return builder.load(where)

                address, *shape = (said(column) for column in range(1 + axes))
                size = context.get_constant(types.intp, kind.bitwidth // 8)
                strides = [builder.mul(shape[-1], size), size][-axes:]
                data = builder.inttoptr(address, context.get_value_type(types.CPointer(kind)))
                array = arrayobj.make_array(found)(context, builder)
                arrayobj.populate_array(array, data, shape, strides, size, meminfo=None)
                return array._getvalue()  # noqa: SLF001 - as numba's own code

            return found(table, types.intp), generated

        return there

    line, grid = _of(types.int64, 1), _of(types.int64, 2)
    real_line, real_grid = _of(types.float64, 1), _of(types.float64, 2)
    word_line, word_grid = _of(types.int32, 1), _of(types.int32, 2)
    byte_line, byte_grid = _of(types.uint8, 1), _of(types.uint8, 2)
