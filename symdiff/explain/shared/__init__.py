"""What several pages share: what is to be explained, conventions, folding, graphs, steps to go through."""
