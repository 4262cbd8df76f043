"""What a training step learns from: meta-batches, their augmentation, and goals."""
