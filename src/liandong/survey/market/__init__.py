"""Markets across borders: prices apart, logistics, what flows between regions."""
