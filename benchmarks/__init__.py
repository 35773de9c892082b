"""What is claimed of speed and memory, measured as ratios within one run."""
