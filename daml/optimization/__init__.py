"""What every training loop uses: learning rates, precision, several processes, and a log of figures."""
