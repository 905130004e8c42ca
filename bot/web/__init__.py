"""One HTTP service: the adapters' routes, and whether we are well."""
