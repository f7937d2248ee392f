"""The gateway between a province's reporting system and the national one.

Start reading at ``domain/exchange.py``, then ``journey/outbound.py`` and ``journey/runner.py``.
Importing anything here does nothing: no connection, no environment, no clock.
"""
