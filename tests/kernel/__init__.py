"""What every department, policy and face is made of."""
