"""Sentences of the page of backpropagation through time."""
from symdiff.proof.statements.places import Sentences
IN_TIME = Sentences()
