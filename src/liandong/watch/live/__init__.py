"""Events as they come, judged at once: windows, rules, warnings."""
