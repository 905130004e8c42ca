"""Schema revisions (Alembic). ``convoke migrate`` applies them; ``run`` does so at start."""
