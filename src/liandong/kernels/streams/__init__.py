"""Events as they come: windows that slide over them."""
