"""The page of a recurrence for every t: by hand, total derivatives, adjoints back in time, numbers."""
