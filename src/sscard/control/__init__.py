"""Control: who may do what, and proof of what was done.

Organisations, staff and their roles; sign-in with two factors; the one door through which every act passes (right and scope,
idempotency key, rule, four eyes, facts + event + audit row in one transaction, answer); the audit trail with its sealer and
verifier. Nobody acts on his own record, nobody approves his own request, three administrators exclude each other.

Clauses: M47-6 (internal control), M47-15 (privacy, access log); graded protection level 3 (security.md §6–8).
May touch: law, codes, kernel. Needs from above, by port: which person a person_id is (`door.person_index_of`).
"""
