"""Seeds and settings to live parts: `analyser` here (cheap to import), the whole service in `workshop`."""
