"""The shape of each file of the configuration, as pydantic models: what `check` enforces and the JSON Schemas say."""
