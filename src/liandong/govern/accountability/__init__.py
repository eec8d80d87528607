"""Who answers for what, and which cases belong together."""
