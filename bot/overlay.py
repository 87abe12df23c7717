"""A pack's own data laid over the defaults of `generic`, as plain tables. The files come along with smbot."""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

BASE = "generic"

Table = dict[str, Any]


def assembled(text: str) -> dict[str, Any]:
    """A pack's own data over the defaults of `generic`, with the digest of both files' bytes.

    Settings, ladders, names and notice fall back one by one; so do words that a setting or step leaves unsaid.
    """
    own, base = tomllib.loads(text), tomllib.loads(pack_text(BASE))
    digest = hashlib.sha256(text.encode())
    if own.get("name") != BASE:
        digest.update(pack_text(BASE).encode())
        own = _over(base, own)
    return own | {"digest": digest.hexdigest()}


def _over(base: Table, own: Table) -> Table:
    tables = {key: _merged(base[key], own.get(key, {})) for key in ("ladder", "names")}
    tables["parameters"] = _settings(base["parameters"], own.get("parameters", {}))
    checklists = own.get("checklist", {})
    if isinstance(checklists, dict):
        tables["checklist"] = {key: _checklist(base, key, value) for key, value in checklists.items()}
    return {"visitor_notice": base["visitor_notice"]} | own | tables


def _merged(base: Table, own: Any) -> Any:
    return base | own if isinstance(own, dict) else own


def _settings(base: Table, own: Any) -> Any:
    """A setting that a guideline gives takes value and words it does not change from the default, never that mark."""
    if not isinstance(own, dict):
        return own
    kept = {
        name: {key: base[name][key] for key in ("value", "says", "unbuilt") if key in base[name]}
        for name in own.keys() & base.keys()
    }
    return base | {name: _merged(kept.get(name, {}), item) for name, item in own.items()}


def _checklist(base: Table, id: str, own: Any) -> Any:
    """Only texts and fields are taken over: section, ids and the default mark are each pack's own."""
    if not isinstance(own, dict):
        return own
    found = base["checklist"].get(id, {})
    words = {key: found[key] for key in ("title", "intro") if key in found}
    return (
        words | own | {key: _filled(found.get(key, []), own[key]) for key in ("step", "draft") if key in own}
    )


def _filled(base: list[Table], own: Any) -> Any:
    """Each piece over the words of generic's piece of the same id."""
    if not isinstance(own, list):
        return own
    kept = {piece["id"]: {key: piece[key] for key in piece.keys() - {"section", "default"}} for piece in base}
    return [_laid(kept.get(_id(piece), {}), piece) for piece in own]


def _laid(base: Table, own: Any) -> Any:
    """A piece over generic's, and so each of its fields that does not say its kind."""
    if not isinstance(own, dict) or not isinstance(own.get("field"), list):
        return _merged(base, own)
    kept = {field["id"]: field for field in base.get("field", [])}
    return base | own | {"field": [_field(kept.get(_id(field), {}), field) for field in own["field"]]}


def _field(base: Table, own: Any) -> Any:
    if not isinstance(own, dict) or "kind" in own or not isinstance(own.get("options", []), list):
        return own
    kept = {option["id"]: option for option in base.get("options", [])}
    laid = [_merged(kept.get(_id(option), {}), option) for option in own.get("options", kept.values())]
    return base | own | ({"options": laid} if laid else {})


def _id(piece: Any) -> str:
    return str(piece.get("id")) if isinstance(piece, dict) else ""


@lru_cache(maxsize=16)
def pack_text(name: str) -> str:
    return resources.files("bot").joinpath("packs", f"{name}.toml").read_text(encoding="utf-8")
