"""The time-stamping service: a query by RFC 3161 in, a token that this moment saw this digest out.

`answer` takes and gives DER, so that any program may ask over HTTP (`application/timestamp-query`); our own signatures ask
in process. The moment is the machine's real time, never an area's moved clock.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

# Here and not in the functions: it adds names to the table of attributes, which is frozen at its first use.
from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from sscard.documents import authority
from sscard.kernel import clock

POLICY = "2.25.227806213451873467295127318464512371937"
"""Our own policy of demonstration stamps (an identifier under 2.25 belongs to whoever drew it)."""
DIGESTS = ("sha256", "sha384", "sha512")
MOST_QUERY_BYTES = 4096


def answer(query: bytes, *, now: datetime) -> bytes:
    """The reply to a query; a query that cannot be served gets a reply that says why, as the standard wants."""
    try:
        asked = tsp.TimeStampReq.load(query, strict=True)
        imprint = asked["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        digest, version, policy = imprint["hashed_message"].native, asked["version"].native, asked["req_policy"].native
    except (ValueError, TypeError, KeyError):
        return _no("bad_data_format")
    if version != "v1":
        return _no("bad_request")
    if algorithm not in DIGESTS or len(digest) != {"sha256": 32, "sha384": 48, "sha512": 64}[algorithm]:
        return _no("bad_alg")
    if policy not in (None, POLICY):
        return _no("unaccepted_policy")
    token = _token(asked, now)
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def stamper() -> Any:
    """pyHanko's port for time stamps, filled with this service."""
    from pyhanko.sign.timestamps import TimeStamper

    class House(TimeStamper):  # type: ignore[misc]
        async def async_request_tsa_response(self, req: Any) -> Any:
            return tsp.TimeStampResp.load(answer(req.dump(), now=clock.real_now()))

    return House()


def _no(why: str) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {why}}).dump()
    return b"\x30" + bytes([len(status)]) + bytes(status)  # a reply without a token, which the library has no form for


def _token(asked: Any, now: datetime) -> Any:
    party = authority.time_stamps()
    own = asn1_x509.Certificate.load(_der(party.certificate))
    facts = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": asked["message_imprint"],
        "serial_number": secrets.randbits(120),
        "gen_time": now.replace(microsecond=0),
        "accuracy": {"seconds": 1},
        "tsa": asn1_x509.GeneralName(name="directory_name", value=own.subject),
    }
    if asked["nonce"].native is not None:
        facts["nonce"] = asked["nonce"]
    info = tsp.TSTInfo(facts).dump()
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [_sha256(info)]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [_who(own)]}),
        ]
    )
    signature = party.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
    signer = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
        "digest_algorithm": {"algorithm": "sha256"},
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signed_attrs": attributes,
        "signature": signature,
    }
    signed = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info)},
        "certificates": [own, asn1_x509.Certificate.load(_der(party.issuer))] if asked["cert_req"].native else [],
        "signer_infos": [signer],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _who(certificate: Any) -> Any:
    return tsp.SigningCertificateV2({"certs": [{"cert_hash": _sha256(certificate.dump())}]})


def _sha256(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()


def _der(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return bytes(certificate.public_bytes(Encoding.DER))
