"""Who asks: the clients, and the bureau's own signing keys."""

from __future__ import annotations

from django.db import models

from sscard.kernel.ids import new_id
from sscard.kernel.sealed import SealedField
from sscard.kernel.tables import Table


class Client(models.Model):
    """One program of an organisation that asks holders for consent: a bank's on-line site, or another partner. It proves
    itself by a signature (private_key_jwt) with one of the keys in `jwks`; it has no password and no `jwks_uri`."""

    sscard_table = Table.LOCAL
    sscard_open = True

    client_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("control.Organisation", on_delete=models.PROTECT)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    redirect_uris = models.JSONField(default=list)
    """Compared as they stand, character by character."""
    jwks = models.JSONField(default=dict)
    """Public keys, each with `kid` and `alg`: the algorithm is fixed here and never read from a message (T29)."""
    wants = models.JSONField(default=list)
    """The most it may ask for: of `rules.WANTS`."""
    sandbox = models.BooleanField(default=False)
    area_code = models.CharField(max_length=6, blank=True)
    """Of a partner's sandbox: it reaches this tenant's cards and no others. "" reaches all areas that are no tenant's."""
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.UUIDField()
    changed_at = models.DateTimeField()

    def name(self, lang: str = "zh") -> str:
        return self.name_en if lang == "en" else self.name_zh


class SigningKey(models.Model):
    """The bureau's key for ID tokens and signed introspection (ES256). The private part is sealed by the key service."""

    sscard_table = Table.LOCAL
    sscard_open = True

    kid = models.CharField(primary_key=True, max_length=43)
    """Thumbprint of the public key (RFC 7638)."""
    public = models.JSONField()
    private = SealedField(purpose="job")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    """From then on it signs nothing; it stays in the published set for a while."""
