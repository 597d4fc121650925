"""The virtual clearing house: a program of its own that carries payments from bank to bank.

It knows the banks by the public key of their core, keeps its own book, and has no database, key service or code of the
banks. What it offers is what a real one offers, over HTTP with signed bodies, so that a real one can take its place:

    POST /payments   {"payment": …}                 hand in, or ask again: {"state": accepted | settled | rejected, "reason"}
    POST /inbox      {"bank": …}                    payments that wait for this bank's answer
    POST /answers    {"bank", "payment", "result": credited | rejected, "reason"}

Each body has `at` (ISO time, UTC) and is signed by SM2 in the header `Sscard-Signature`; answers are signed by the clearing
house in the same way. Times off by more than five minutes, a payment changed under its id and an answer changed after it
was given are refused. A payment's `kind` is credit, pull (the receiving bank is asked to pay) or return
(of the payment `original`, for the `reason`, whole and once). Rejections of its own: bank_unknown (no such participant),
original_unknown and returned_already.

    python -m sscard.sim.clearing set-up --home DIR           # makes keys; prints the public half
    python -m sscard.sim.clearing trust CORE.json --home DIR  # {"banks": […], "public": hex}: `sscard clearing public`
    python -m sscard.sim.clearing serve --home DIR --port N
"""
