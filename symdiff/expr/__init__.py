"""What is displayed: expressions as inert data, with shapes and notation.

Knows how an expression is built, traversed, and named, the shape it has, and the data by which printers write
it. Knows no value, no derivative, no algebra and no markup. Read `tree` first, then `notation` and `shapes`.
"""
