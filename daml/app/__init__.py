"""The commands: one module each, a function whose arguments are the command line's."""
