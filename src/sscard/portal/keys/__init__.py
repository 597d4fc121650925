"""Pages of key custodians and of those who watch them: ceremonies, carriers, losses. A share is on one screen, once."""
