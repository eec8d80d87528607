"""Powers: who may decide what, how far, on what evidence, and with whose agreement."""
