"""Rolling operation: prices posted from the open pool, arrivals decided at them one by one."""
