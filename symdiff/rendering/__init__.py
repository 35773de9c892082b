"""Documents to text. Knows formats, languages and how formulas are written; knows no calculus."""
