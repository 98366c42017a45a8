"""Text of others in Streamlit's Markdown."""

_MARKS = frozenset(r"\`*_{}[]()#+-.!|~$:<>&")


def plain(text: str) -> str:
    """A name or an id shown as it is: nothing in it formats, links, or fetches a picture from elsewhere."""
    return "".join(f"\\{char}" if char in _MARKS else char for char in text)
