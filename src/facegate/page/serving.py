"""Streamlit, started so that it asks nobody outside: `python -m facegate.page.serving run app.py`."""

from streamlit import net_util
from streamlit.web.cli import main


def _nobody_is_asked() -> None:
    """Instead of asking a public service for this machine's address, whenever an unknown Origin comes."""


if __name__ == "__main__":
    net_util.get_external_ip = _nobody_is_asked
    main(prog_name="streamlit")
