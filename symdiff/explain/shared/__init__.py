"""What several pages share: what is to be explained, folding, graphs, steps to go through, phrases."""
