"""The service: the console and the API of one board over HTTP."""
