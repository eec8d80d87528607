"""Match: projects to finance, within hard rules, priced, allocated with a proof, explained."""

__all__: list[str] = []
