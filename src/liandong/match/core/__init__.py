"""The solver: projects to products under capacities and pooled rules, with a proved bound."""
