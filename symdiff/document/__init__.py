"""What a page says and in which order, as records: no words, no markup, no calculus.

Read `blocks` first. `repeats` are rows that are earlier rows with other names.
"""
