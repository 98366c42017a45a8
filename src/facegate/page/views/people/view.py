"""Which part of the view is shown: the list, or one person."""

from facegate.page.server import ServerSaid
from facegate.page.views.people import one_person, opened, people_list


def show() -> None:
    """Draws it."""
    subject_id = opened.subject_id()
    if subject_id is None:
        people_list.show()
        return
    try:
        one_person.show(subject_id)
    except ServerSaid as error:
        if error.kind == "subject_not_found":
            # Somebody else removed the person meanwhile: the next run is the list again.
            opened.close()
        raise
