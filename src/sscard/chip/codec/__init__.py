"""Values to the card's bytes and back: `values` single items, `tlv` records, `contents` whole files. Raise ChipFault
only."""
