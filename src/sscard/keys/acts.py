"""Acts of key custody. What the key service holds moves through ceremonies (`keys.holding`); what people hold in their hands
through the custody ledger (`keys.custody`); PSAMs are loaded by `keys.psams`."""

from sscard.keys import custody, holding, psams  # noqa: F401 - their acts register
