"""Seeds and settings to live parts: `analyser` here (cheap to import), the whole service in `workshop`."""
from advisord.wiring.understanding import analyser

__all__ = ["analyser"]
