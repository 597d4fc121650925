"""Commands that run the house itself: up, down, status, doctor, migrate. Each module has `register(root)`."""
