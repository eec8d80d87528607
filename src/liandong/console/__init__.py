"""The console: server-rendered pages over a board, in Chinese and English, with data twins."""
