"""`python -m trustformers`."""

from trustformers.cli.command import main

if __name__ == "__main__":
    raise SystemExit(main())
