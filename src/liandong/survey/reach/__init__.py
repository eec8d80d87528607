"""Who reaches whom, by road and by rail, and what one more link would change."""
