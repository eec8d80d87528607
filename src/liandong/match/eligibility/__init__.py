"""Hard rules: who may be offered what, why not, and what would change it."""
