"""Computation graphs as pictures: one layout, several emitters."""
