"""All tables of issuing, by subject."""

from sscard.issuing.tables.application import Application
from sscard.issuing.tables.batch import Batch, BatchItem, ProducerKey
from sscard.issuing.tables.custody import CardPosition, CustodyEvent, Shipment, StockLine
from sscard.issuing.tables.examination import ExaminedCard, OfficeDecision

__all__ = [
    "Application",
    "Batch",
    "BatchItem",
    "CardPosition",
    "CustodyEvent",
    "ExaminedCard",
    "OfficeDecision",
    "ProducerKey",
    "Shipment",
    "StockLine",
]
