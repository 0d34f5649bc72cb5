"""No models: money, working days, identifiers, text, errors. Everything else may import it."""
