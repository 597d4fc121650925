"""The audit administrator's pages: who did what, about whom (with a purpose), and whether the trail is whole."""
