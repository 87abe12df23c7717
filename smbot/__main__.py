"""`python -m smbot`."""

from smbot.cli import main

if __name__ == "__main__":
    main()
