"""What is claimed of speed and memory, measured beside what a user would pick instead."""
