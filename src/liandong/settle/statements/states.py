"""Why a line is not paired, as far as the search for its pair can tell."""

NOTHING, TAKEN, OTHER_AMOUNT, OTHER_ACCOUNT, SEVERAL, CROWD = range(6)
