"""wpstate from outside: its command on real sites, its word checked by an oracle of its own."""
