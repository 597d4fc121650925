"""sscard: a whole Social Security Card service (社会保障卡)."""

__version__ = "0.1.0"
