"""The acts of this room, by subject; importing them registers them."""

from sscard.binding import asking, at_desk, card_to_card, clients, deciding, ending, jobs, paying

__all__ = ["asking", "at_desk", "card_to_card", "clients", "deciding", "ending", "jobs", "paying"]
