"""A copy of the whole database that can be checked, tried and brought back. Decision 0053."""
