"""The parts of the view, one below the other."""

from facegate.page import look
from facegate.page.views.system import machine, models, nightly_work
from facegate.page.views.system.say import say


def show() -> None:
    """Draws it."""
    look.heading(say("title"), say("what_for"))
    machine.show()
    models.show()
    nightly_work.show()
