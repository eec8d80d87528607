"""Who gets what: assignments, matchings, sites, auctions."""
