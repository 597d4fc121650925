"""Who may do what with consents. `link_client` is a registered client (a bank's on-line site, a partner) that has proved
itself; `verified_holder` is whoever the client's request is about, at our page, before he has proved himself there."""

RIGHTS: dict[str, set[str]] = {
    "binding.clients": {"system_admin"},
    "binding.ask": {"link_client"},
    "binding.read": {"link_client"},
    "binding.client_revoke": {"link_client"},
    "binding.decide": {"verified_holder", "holder"},
    "binding.own": {"holder"},
    "binding.lapse": {"system"},
    "binding.at_desk": {"clerk", "teller", "terminal"},
}
