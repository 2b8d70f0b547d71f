"""`python -m trustformers`."""

from trustformers.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
