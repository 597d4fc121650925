"""Front: the public start page, sign-in of staff and holders, one's own password, and "which bank, which outlet"."""
