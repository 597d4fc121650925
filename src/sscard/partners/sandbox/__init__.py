"""Sandboxes: the list of what is magic (`magic`), its making (`seeding`), tenants with keys and resets (`tenants`)."""
