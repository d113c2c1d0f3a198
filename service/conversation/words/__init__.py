"""The words people text, English and Spanish, and how a spelling is brought to one form.

Phrases are separated by bars and written as after `fold`, without the words in DROPPED. The longest one that
fits wins. A word in no table is unknown, and a text with an unknown word is kept for a person to read.
"""
