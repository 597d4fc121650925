"""All acts of issuing; importing them registers them at the door."""

from sscard.issuing.accounts import ReadAccountAnswer, WriteAccountFile
from sscard.issuing.applying import Apply, ApplyMany
from sscard.issuing.batching import DissolveBatch, MakeBatch
from sscard.issuing.checking import Check, CheckCampaign, WithdrawApplication
from sscard.issuing.destroying import Destroy, FindCard, ReportMissing, WriteOff
from sscard.issuing.examining import RegisterExamination
from sscard.issuing.handing import HandOver
from sscard.issuing.permitting import ImportDecision
from sscard.issuing.producers import RegisterProducer
from sscard.issuing.releasing import RecallBatch, ReleaseBatch, TakePackage
from sscard.issuing.returning import ReceiveReturn
from sscard.issuing.shipping import ReceiveAtOutlet, ReceiveShipment, SendToOutlet

__all__ = [
    "Apply",
    "ApplyMany",
    "Check",
    "CheckCampaign",
    "Destroy",
    "DissolveBatch",
    "FindCard",
    "HandOver",
    "ImportDecision",
    "MakeBatch",
    "ReadAccountAnswer",
    "RecallBatch",
    "ReceiveAtOutlet",
    "ReceiveReturn",
    "ReceiveShipment",
    "RegisterExamination",
    "RegisterProducer",
    "ReleaseBatch",
    "ReportMissing",
    "SendToOutlet",
    "TakePackage",
    "WithdrawApplication",
    "WriteAccountFile",
    "WriteOff",
]
