"""What the trading engine costs."""
