"""Sets what must be set before numpy comes, then runs the command line (`facegate`, `python -m facegate`)."""

import os

# Each of our workers is one thread of its own; numeric libraries read these names when they are loaded.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")


def main() -> None:
    """Runs the command line."""
    from facegate.commands.app import app

    app()


if __name__ == "__main__":
    main()
