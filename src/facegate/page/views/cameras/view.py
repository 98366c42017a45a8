"""Which part of the view is shown: the list, one camera, or the form for a new one."""

from facegate.page.views.cameras import adding, camera_list, one_camera, opened


def show() -> None:
    """Draws it."""
    place = opened.now()
    if place == opened.NEW:
        adding.show()
    elif place:
        one_camera.show(place)
    else:
        camera_list.show()
