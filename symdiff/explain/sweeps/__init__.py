"""The page of forward and reverse sweeps over elementary steps: statement, steps, sweeps, results, cost."""
