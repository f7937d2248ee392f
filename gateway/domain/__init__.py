"""THE WORDS: frozen values and pure functions, the nouns everyone here speaks in.

Everyone may come in. It touches nothing: standard library only, no I/O, clock or randomness.
"""
