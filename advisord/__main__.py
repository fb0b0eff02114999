"""`python -m advisord`, the same as the command `advisord`."""
from advisord.cli.main import main

if __name__ == "__main__":
    main()
