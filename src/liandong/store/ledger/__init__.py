"""The ledger in the books: who posts, what is read for it, what is written."""
