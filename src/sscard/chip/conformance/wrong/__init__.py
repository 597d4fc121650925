"""Cards that are deliberately wrong: each a small mutation of a good one, and the item that must find it.

They show that the suite can fail, and serve vendors as examples of what their card must not do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sscard.chip.card import pins
from sscard.chip.card.engine import VirtualCard
from sscard.chip.card.image import Image
from sscard.chip.card.store import MemoryStore
from sscard.chip.conformance.wrong import commands, engines, images, passwords
from sscard.chip.conformance.wrong.commands import altered
from sscard.chip.faults import ChipFault
from sscard.chip.personal import demo


@dataclass(frozen=True, slots=True)
class WrongCard:
    """`spoil` changes the image, `engine` the card's behaviour; `found_by` is the item that must fail."""

    name: str
    found_by: str
    engine: type[VirtualCard] = VirtualCard
    spoil: Callable[[Image], None] = lambda image: None
    version: str = "3.0"
    algorithm: str = "sm4"
    area: str = "990100"

    @property
    def slug(self) -> str:
        """The name as one word of a command line."""
        return self.name.lower().replace(" ", "-")

    def made(self) -> VirtualCard:
        """Such a card of a made-up holder, with test keys. It lives in memory: the next one is as new again."""
        image = demo.card(version=self.version, algorithm=self.algorithm, area=self.area)
        self.spoil(image)
        return self.engine(MemoryStore(image))


def wrong_card(name: str) -> WrongCard:
    """By its name, in words or as one word. Raises chip.wrong_unknown."""
    wanted = name.strip().lower().replace(" ", "-")
    for one in WRONG:
        if one.slug == wanted:
            return one
    raise ChipFault("chip.wrong_unknown", name=name[:60])


WRONG: Final[tuple[WrongCard, ...]] = (
    WrongCard("text padded with blanks", "SSSE_RECORD", spoil=images.row("SSSE/06", 1, images.padded_with_blanks)),
    WrongCard("digits padded with E", "SSSE_RECORD", spoil=images.row("SSSE/05", 5, lambda raw: raw[:4] + b"\xee\xee")),
    WrongCard("item too short", "SSSE_RECORD", spoil=images.row("SSSE/06", 1, images.shorter)),
    WrongCard("tag in the wrong file", "DF01_RECORD", spoil=images.row("DF01/05", 0, images.tag(0x23))),
    WrongCard("item missing", "DF04_RECORD", spoil=lambda image: image.files["DF04/05"].records.pop() and None),
    WrongCard("file missing", "SSSE_RECORD", spoil=images.without("SSSE/EF08")),
    WrongCard("DF05 missing", "APPLICATIONS", spoil=images.without("DF05")),
    WrongCard("EF05 of DF05 missing", "DF05_RECORD", spoil=images.without("DF05/EF05")),
    WrongCard("EF06 of DF06 missing", "DF06_RECORD", spoil=images.without("DF06/EF06")),
    WrongCard("category of no list", "SSSE_RECORD", spoil=images.row("SSSE/05", 1, images.text(b"9"))),
    WrongCard("category empty", "SSSE_RECORD", spoil=images.row("SSSE/05", 1, images.text(b""))),
    WrongCard("issued on no day", "SSSE_RECORD", spoil=images.row("SSSE/05", 4, images.text(bytes.fromhex("20261399")))),
    WrongCard("expired before it was issued", "SSSE_RECORD",
              spoil=images.row("SSSE/05", 5, images.text(bytes.fromhex("20260104")))),
    WrongCard("sex of no list", "SSSE_RECORD", spoil=images.row("SSSE/06", 3, images.text(b"7"))),
    WrongCard("application missing", "APPLICATIONS", spoil=images.without("DF07")),
    WrongCard("wrong record count in a cyclic file", "DF04_RECORD", spoil=images.fewer_details),
    WrongCard("free write", "SSSE_SAFETY", engines.FreeWrite),
    WrongCard("any update key writes every file", "DF01_SAFETY", engines.AnyUpdateKeyWrites),
    WrongCard("PIN file readable without PIN", "DF04_SAFETY", engines.FreePinFile),
    WrongCard("either condition is enough", "DF04_SAFETY", engines.EitherIsEnough),
    WrongCard("transaction details writable", "DF04_SAFETY", engines.DetailsWritable),
    WrongCard("UPDATE RECORD writes nothing", "DF01_SAFETY", altered(0x00, 0xDC, commands.record_of_nothing)),
    WrongCard("UPDATE BINARY writes nothing", "SSSE_SAFETY", altered(0x00, 0xD6, commands.binary_of_nothing)),
    WrongCard("UPDATE RECORD lasts until the reset", "DF01_SAFETY", altered(0x00, 0xDC, commands.record_in_memory)),
    WrongCard("DF05 writable by everybody", "DF05_SAFETY", engines.FreeHealth),
    WrongCard("DF06 readable by everybody", "DF06_SAFETY", engines.FreeRelief),
    WrongCard("second file of DF06 readable by everybody", "DF06_SAFETY", engines.FreePreferentialCare),
    WrongCard("EF06 free on 3.0", "SSSE_SAFETY", engines.HolderFree),
    WrongCard("security state kept over an application change", "STATE", engines.StateKept),
    WrongCard("password forgotten at an application change", "STATE", engines.PasswordForgotten),
    WrongCard("a wrong password leaves the proof", "STATE", altered(0x00, 0x20, passwords.kept_proof_verify)),
    WrongCard("password survives a reset", "STATE", engines.PasswordSurvivesReset),
    WrongCard("PIN not counted", "PIN_VERIFY", altered(0x00, 0x20, passwords.uncounted_verify)),
    WrongCard("two bytes of the PIN compared", "PIN_VERIFY", altered(0x00, 0x20, passwords.two_bytes_verify)),
    WrongCard("longer PIN accepted", "PIN_VERIFY", altered(0x00, 0x20, passwords.longer_verify)),
    WrongCard("right PIN gives no tries back", "PIN_VERIFY", altered(0x00, 0x20, passwords.kept_count_verify)),
    WrongCard("malformed PIN counted", "PIN_FORMAT", altered(0x00, 0x20, passwords.any_length_verify)),
    WrongCard("PIN changed without the old one", "CHANGE_PIN", altered(0x80, 0x5E, passwords.change_without_old)),
    WrongCard("wrong old PIN not counted", "CHANGE_PIN", altered(0x80, 0x5E, passwords.uncounted_change)),
    WrongCard("two bytes of the old PIN compared", "CHANGE_PIN", altered(0x80, 0x5E, passwords.two_bytes_change)),
    WrongCard("unblock without PUK", "PIN_UNBLOCK", altered(0x84, 0x24, passwords.unblock_without_puk)),
    WrongCard("any key counts as PUK for UNBLOCK", "PIN_UNBLOCK", altered(0x84, 0x24, passwords.unblock_with_any_key)),
    WrongCard("any key counts as PUK for RELOAD", "PIN_UNBLOCK", altered(0x84, 0x24, passwords.reload_with_any_key)),
    WrongCard("RELOAD sets no new PIN", "PIN_UNBLOCK", altered(0x84, 0x24, passwords.reload_of_nothing)),
    WrongCard("MAC of RELOAD not checked", "PIN_UNBLOCK", altered(0x84, 0x24, passwords.reload_without_mac)),
    WrongCard("old challenge accepted", "CHALLENGE", engines.FirstChallengeCounts),
    WrongCard("challenge serves twice", "CHALLENGE", engines.ChallengeLasts),
    WrongCard("the same challenge again and again", "CHALLENGE", altered(0x00, 0x84, commands.same_challenge)),
    WrongCard("stale factor after reset", "CHALLENGE_RESET", engines.StaleAfterReset),
    WrongCard("key version ignored", "KEY_VER2", engines.VersionIgnored),
    WrongCard("wrong authentications not counted", "KEY_COUNT", altered(0x00, 0x82, commands.external_uncounted)),
    WrongCard("half of an authentication compared", "KEY_PROOF", altered(0x00, 0x82, commands.half_a_proof)),
    WrongCard("wrong first dispersal factor", "FACTORS", spoil=images.rekeyed(images.without_suffix)),
    WrongCard("wrong third dispersal factor", "FACTORS", spoil=images.rekeyed(images.other_third), algorithm="3des"),
    WrongCard("Zhejiang handled with six digits", "FACTORS", spoil=images.rekeyed(images.six_digits), area="330182"),
    WrongCard("internal authentication answers 16 bytes", "INTERNAL_AUTH", altered(0x00, 0x88, commands.long_internal)),
    WrongCard("MAC not checked", "MAC", altered(0x04, 0xDC, commands.mac_not_checked)),
    WrongCard("any MAC but zeros accepted", "MAC", altered(0x04, 0xDC, commands.any_mac_but_zeros)),
    WrongCard("MAC of UPDATE BINARY not checked", "MAC", altered(0x04, 0xD6, commands.binary_mac_not_checked)),
    WrongCard("MAC not checked in an application", "MAC", altered(0x04, 0xDC, commands.mac_not_checked_below)),
    WrongCard("half of the MAC compared", "MAC", altered(0x04, 0xDC, commands.half_a_mac)),
    WrongCard("UPDATE under a MAC writes nothing", "MAC", altered(0x04, 0xDC, commands.update_of_nothing)),
    WrongCard("tag and length not checked", "TLV_UPDATE", altered(0x00, 0xDC, commands.tlv_unchecked)),
    WrongCard("application block ignored", "APP_BLOCK", altered(0x84, 0x1E, commands.block_ignored)),
    WrongCard("blocked application selectable", "APP_BLOCK", engines.BlockedStillSelectable),
    WrongCard("card block ignored", "CARD_BLOCK", altered(0x84, 0x16, commands.card_block_ignored)),
    WrongCard("MAC of card block not checked", "CARD_BLOCK", altered(0x84, 0x16, commands.block_any_mac)),
    WrongCard("card block without BK", "CARD_BLOCK", altered(0x84, 0x16, commands.card_block_without_bk)),
    WrongCard("FCI without algorithm", "FCI", altered(0x00, 0xA4, commands.select_without_algorithm)),
    WrongCard("ATR with TCK", "ATR", spoil=images.with_tck),
    WrongCard("area disagrees with the identification code", "ID_CODE",
              spoil=lambda image: setattr(image, "atr", image.atr[:11] + b"\x99\x02" + image.atr[13:])),
    WrongCard("check character of the card number", "CARD_NUMBER", spoil=images.row("SSSE/05", 6, images.text(b"X90000010"))),
    WrongCard("specification version not known", "SPEC_VERSION", spoil=images.row("SSSE/05", 2, images.text(b"9.00"))),
    WrongCard("length not told", "LENGTHS", engines.LengthNotTold),
    WrongCard("another area's write key accepted", "UNIVERSAL", altered(0x00, 0x82, commands.any_proof_verify)),
    WrongCard("read keys of its own city only", "UNIVERSAL", spoil=images.citys_own_read_keys),
    WrongCard("password never locks", "PIN_LOCK", altered(0x00, 0x20, passwords.endless_verify)),
    WrongCard("key never locks", "KEY_LOCK", altered(0x00, 0x82, commands.endless_external)),
    WrongCard("password taken in the payment application", "FIREWALL", altered(0x00, 0x20, pins.verify, "payment")),
    WrongCard("purchase without the password", "PURSE", altered(0xB0, 0x28, commands.purchase_without_password)),
    WrongCard("an unknown instruction succeeds", "REFUSALS", altered(0x00, 0xFE, commands.nothing_said)),
    WrongCard("signs without the password", "ACSE_SAFETY", altered(0x00, 0x2A, commands.free_signature, "pki")),
    WrongCard("certificate of another card", "CHECK_CERT", spoil=images.other_certificate),
)  # fmt: skip
"""All wrong cards with the item that must name each."""
