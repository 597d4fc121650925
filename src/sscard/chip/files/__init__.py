"""The card's files as data: `files.toml` and `keys.toml`, read into frozen facts by `table`."""

from sscard.chip.files.table import (
    DF_NAME,
    VERSIONS,
    Application,
    FileRule,
    Item,
    KeyRule,
    application,
    applications,
    applications_of,
    files,
    key_rules,
    the_file,
)

__all__ = [
    "DF_NAME",
    "VERSIONS",
    "Application",
    "FileRule",
    "Item",
    "KeyRule",
    "application",
    "applications",
    "applications_of",
    "files",
    "key_rules",
    "the_file",
]
