"""Who may do what with hooks and sandboxes. `partner`: a developer of a partner; `sandbox`: his sandbox's own key."""

RIGHTS = {
    "partners.register": {"visitor"},
    "partners.sandbox": {"partner", "sandbox"},
    "partners.open_sandbox": {"partner"},
    "partners.seed": {"system"},
    "partners.hooks": {"partner", "sandbox", "system_admin", "bank_program", "bureau_program", "producer_program"},
}
