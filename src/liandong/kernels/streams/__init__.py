"""Events as they come: windows that slide over them, rules that judge them."""
