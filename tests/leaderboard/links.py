"""Checks a site's pages as text: links, fragments, nothing remote, nothing inline."""

import posixpath
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

ADDRESSES = ("href", "src", "srcset", "action", "poster")


class Page(HTMLParser):
    """What a page points to, its ids, and what the policy of the pages forbids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.ids, self.faults, self.tags = list[str](), list[str](), list[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attributes)
        self.links += [found[name] or "" for name in ADDRESSES if name in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        self.faults += [f"<{tag} {name}>" for name in found if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.faults.append(f"inline <{tag}>")


def faults(pages: Mapping[str, str | bytes]) -> list[str]:
    """Every broken or forbidden thing, as 'page: what'; empty for a good site."""
    parsed = {path: Page(text) for path, text in pages.items() if path.endswith(".html") and isinstance(text, str)}
    found = [f"{path}: {fault}" for path, page in parsed.items() for fault in page.faults]
    found += [f"{path}: an id twice" for path, page in parsed.items() if len(set(page.ids)) < len(page.ids)]
    for path, page in parsed.items():
        for link in page.links:
            parts = urlsplit(link)
            to = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path))) if parts.path else path
            )
            if parts.scheme or parts.netloc or to not in pages:
                found.append(f"{path}: {link} leads nowhere in the site")
            elif parts.fragment and parts.fragment not in parsed[to].ids:
                found.append(f"{path}: {link} has no such place")
    return found
