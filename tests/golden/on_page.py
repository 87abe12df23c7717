"""What is heard of the page, as Chromium hands it to a screen reader: the accessibility tree, read in order."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.async_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CSS = Path(__file__).parents[2] / "adapters/web/static/page.css"
WHOLE = frozenset({"button", "heading", "link", "DescriptionListTerm", "term", "checkbox", "radio", "combobox", "textbox",
                   "Date", "DateTime", "InputTime"})  # fmt: skip
"""What is heard with its name as one; what stands inside it is its name, or its innards."""
SPOKEN = frozenset({"group", "list", "dialog", "article", "form", "region"})
SILENT = frozenset({"generic", "none", "ListMarker", "InlineTextBox", "paragraph", "listitem", "list", "strong", "definition",
                    "DescriptionList"})  # fmt: skip
LABELS = frozenset({"LabelText", "Legend"})
"""Heard as the name of what they stand at; a control inside one is heard by itself."""
FILLED = frozenset({"combobox", "textbox", "Date", "DateTime"})
Node = Mapping[str, Any]


def chromium() -> str | None:
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def document(entries: Mapping[str, str], language: str) -> str:
    """All entries on one page, each in a section of its own."""
    shown = (
        f'<section aria-labelledby="h-{n}" data-entry="{name}"><h2 id="h-{n}">{name}</h2>'
        f'<div class="column card">{html}</div></section>'
        for n, (name, html) in enumerate(entries.items())
    )
    style = CSS.read_text(encoding="utf-8")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>gallery</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><style>{style}</style></head>'
        f'<body class="gallery"><main><h1>gallery</h1>{"".join(shown)}</main></body></html>'
    )


async def heard(page: Page) -> dict[str, str]:
    """What is heard of each entry of a document."""
    session = await page.context.new_cdp_session(page)
    try:
        nodes = (await session.send("Accessibility.getFullAXTree"))["nodes"]
    finally:
        await session.detach()
    by_id = {node["nodeId"]: node for node in nodes}
    regions = [node for node in nodes if _role(node) == "region"]
    return {_name(region): "\n".join(_lines(region, by_id)) for region in regions}


def _lines(region: Node, by_id: Mapping[str, Node]) -> Iterator[str]:
    """Without the heading that names the entry."""
    found = [line for child in _children(region, by_id) for line in _said(child, by_id)]
    yield from found[1:]


def _said(node: Node, by_id: Mapping[str, Node]) -> Iterator[str]:
    role, name = _role(node), _name(node)
    if node.get("ignored") or role in SILENT or (role in SPOKEN and not name):
        for child in _children(node, by_id):
            yield from _said(child, by_id)
    elif role in LABELS:
        for child in _children(node, by_id):
            yield from (line for line in _said(child, by_id) if _role(child) in WHOLE)
    elif role == "StaticText":
        if name.strip():
            yield name.strip()
    else:
        yield _line(node, role, name)
        if role not in WHOLE:
            for child in _children(node, by_id):
                yield from _said(child, by_id)


def _line(node: Node, role: str, name: str) -> str:
    properties = {p["name"]: p["value"].get("value") for p in node.get("properties", ())}
    level = f" {properties['level']}" if role == "heading" else ""
    state = [
        word for word in ("required", "checked", "invalid") if str(properties.get(word)) in ("True", "true")
    ]
    value = str(node.get("value", {}).get("value", "")) if role in FILLED else ""
    about = node.get("description", {}).get("value", "")
    told = f"{role}{level}: {name}" + (f" ({', '.join(state)})" if state else "")
    return told + (f" = {value}" if value else "") + (f" – {about}" if about else "")


def _children(node: Node, by_id: Mapping[str, Node]) -> Iterator[Node]:
    return (by_id[ident] for ident in node.get("childIds", ()) if ident in by_id)


def _role(node: Node) -> str:
    return str(node.get("role", {}).get("value", ""))


def _name(node: Node) -> str:
    return " ".join(str(node.get("name", {}).get("value", "")).split())
