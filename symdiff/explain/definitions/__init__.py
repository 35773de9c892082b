"""Pages that follow the author's own definitions: the Jacobian as a product, the chain rule with its δ's."""
