"""`python -m facegate_workstation`."""

from facegate_workstation.command_line import main

if __name__ == "__main__":
    main()
