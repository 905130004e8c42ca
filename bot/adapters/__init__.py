"""The platforms: one package each, behind the contract in :mod:`bot.adapters.base`."""
