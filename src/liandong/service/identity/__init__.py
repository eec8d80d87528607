"""Who asks: people with passwords, one-time codes or a provider of identities, and tokens."""
