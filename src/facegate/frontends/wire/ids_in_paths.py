"""Ids at the end of a path, which may hold anything a client writes there: slashes and line breaks too."""

from starlette.convertors import PathConvertor, register_url_convertor


class IdConvertor(PathConvertor):
    """As Starlette's `path`, which stops at a line break: such an id got the router's 404, not its door's."""

    regex = r"(?s:.*)"


register_url_convertor("id", IdConvertor())
