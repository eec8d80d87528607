"""How far scores can be trusted: figures against outcomes, and the leak alarm."""
