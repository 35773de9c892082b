"""The silent algebra of one line: the forms that a person writes without saying why.

Knows expressions, and identities that need no word. Knows no derivative, no tape, and no identity of
functions. Read `tidy` first; `monomials` are its records, `identities` its rules for arrays.
"""
