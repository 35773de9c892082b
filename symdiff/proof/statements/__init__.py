"""What a page says besides equalities, checked against the tape or the recurrence that it is about.

Sentences, spaces, notes of rows, which formula is boxed, general rows of a fold, arrows of a picture, steps
to go through. `every_statement.check_statements` is the one way in; a sentence without a check is refused.
"""
