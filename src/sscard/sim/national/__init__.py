"""The virtual national platform (全国社保卡服务平台): the only one who signs electronic cards. A product of its own.

It has no tables of the bureau's and knows no person: it asks the issuing area over an interface whether a card is there and
well (`core.AreaSide`), and signs with a key that the key service keeps for it alone; the credential for that key lies in
its own folder and no room of the house has it. On its own host (`national_host`) it offers, over HTTP:

    GET  /v1/keys            public keys with id, validity, hex and PEM
    GET  /v1/stopped?area=   signed list of stopped cards of the day, by handle
    POST /v1/cards           {"area", "card", "ecard", "level"} → {"certificate"}      for authorised channels
    POST /v1/codes           {"area", "ecard", "certificate"}   → {"code"}             for authorised channels
    POST /v1/keys            → {"key"}: a new signing key, the old one ends in a day    for its operator

Channels sign in by HTTP Basic; their keys are in `channels.json` of its folder, made with the first start. The area side of the
house reaches it by `line.DirectLine` when it runs in the same process, or over the net by `line.HttpLine`, which serves for
the real platform as well. Facts that it can't know (names, numbers) it can't tell.
"""
