"""THE TABLE: each operation once, with its value and its local partials as linear maps.

Knows the derivative of each single operation, and how to compute it. Knows no tape and no sweep: how
derivatives are put together is said in `derivation`. Read `rule` first, then `scalar_rows`; for arrays
`linear_maps` and `array_rows`.
"""
