"""`python -m daml`: the command line."""

from daml.cli import main

if __name__ == "__main__":
    main()
