"""API: the same acts as the pages, as JSON for programs; OpenAPI 3.1 at /api/openapi.json.

Every act of the house is `POST /api/acts/<name>` with its request as body, an `Idempotency-Key`, and a bearer token of staff
or holder or a program's own key. Errors are RFC 9457 problems with the refusal's stable code in two languages. Reading is
GET under the subject's name. Devices of registered terminals send their evidence here too.
"""
