"""Everything durable. Rows never leave this package; domain values do."""
