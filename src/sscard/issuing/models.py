"""All tables of issuing, by subject."""

from sscard.issuing.tables.application import Application
from sscard.issuing.tables.batch import Batch, BatchItem, ProducerKey
from sscard.issuing.tables.custody import CardPosition, CustodyEvent, Shipment, StockLine

__all__ = [
    "Application",
    "Batch",
    "BatchItem",
    "CardPosition",
    "CustodyEvent",
    "ProducerKey",
    "Shipment",
    "StockLine",
]
