"""Blocks of equalities as lines that fit the page, and tables as parts that do.

Read `layout` first. Works with any printer and any measure of width; knows no markup but what printers write.
"""
