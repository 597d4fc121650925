"""Consent: the page to which a bank or partner sends its customer, where he sees who asks for what, proves that it is he, and
agrees or declines. The same proof serves his own page of consents (`portal.my.consents`)."""
