"""Published outcomes and worked examples, as data; the engine meets them to the fen."""
