"""All tables of people, by subject."""

from sscard.people.tables.holder import HolderAccount, HolderInvite, Passkey
from sscard.people.tables.imports import DuplicateCase, ImportRun
from sscard.people.tables.person import Guardian, IdHistory, Lookup, Person, PersonAlias, Photo
from sscard.people.tables.self_entry import SelfEntry

__all__ = [
    "DuplicateCase",
    "Guardian",
    "HolderAccount",
    "HolderInvite",
    "IdHistory",
    "ImportRun",
    "Lookup",
    "Passkey",
    "Person",
    "PersonAlias",
    "Photo",
    "SelfEntry",
]
