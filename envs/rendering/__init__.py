"""Drawing of cameras without a screen."""
