"""What `import symdiff` offers: from a problem and wishes to a proved solution, a picture, a verdict.

Knows every floor below and joins them; knows no option of a command line and no terminal. To read first:
`solution`, the whole way; `wishes` and `works` say what is derived, `derivations` gives results in SymPy,
`verdict` checks a claim, `drawing` draws, `record` writes JSON, `sources` turns what users hand over into
tapes.
"""
