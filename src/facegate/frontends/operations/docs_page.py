"""The page at /docs: Swagger's where its script can be loaded, else a plain list of what there is."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi.openapi.docs import get_swagger_ui_html

_PLACE = '<div id="swagger-ui">'
_METHODS = ("get", "post", "put", "patch", "delete")


def docs_page(description: Mapping[str, Any], *, openapi_url: str) -> str:
    """The page as HTML. Swagger's script replaces the list; without network the list stays.

    Args:
        description: the application's OpenAPI description.
        openapi_url: where the browser finds it.
    """
    title = f"{description['info']['title']}: API"
    page = bytes(get_swagger_ui_html(openapi_url=openapi_url, title=escape(title)).body).decode()
    return page.replace(_PLACE, _PLACE + "\n".join(_plain_list(description, title, openapi_url)), 1)


def _plain_list(description: Mapping[str, Any], title: str, openapi_url: str) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield f'<p>The whole description: <a href="{escape(openapi_url)}">{escape(openapi_url)}</a></p><dl>'
    for path, operations in description["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                summary, text = operation.get("summary", ""), operation.get("description", "")
                yield f"<dt><code>{method.upper()} {escape(path)}</code> <b>{escape(summary)}</b></dt>"
                yield f"<dd>{escape(text)}</dd>"
    yield "</dl>"
