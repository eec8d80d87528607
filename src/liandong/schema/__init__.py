"""The tables of the common tongue: one description makes validation, SQL, labels and documents."""
