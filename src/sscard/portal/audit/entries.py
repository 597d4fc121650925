"""What audit puts into the navigation: (path, word code, right)."""

ENTRIES = [("/audit/", "audit.nav", "control.audit_read"), ("/audit/trail/", "audit.nav_trail", "control.audit_read")]
