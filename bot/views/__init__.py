"""Domain value → message, one file a noun: what a preview shows is what is delivered."""
