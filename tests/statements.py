"""What SQLAlchemy has made of a statement once serves all of a process's tests, each of which opens a database of its own."""

from sqlalchemy.ext.asyncio import AsyncEngine

_FIRST: dict[str, AsyncEngine] = {}
_MADE: dict[str, dict[object, object]] = {}


def shared(engine: AsyncEngine) -> AsyncEngine:
    """The engine, which makes no statement that another engine of its kind of database made before it."""
    kind = engine.dialect.name
    sync = engine.sync_engine
    sync.dialect = _FIRST.setdefault(kind, engine).sync_engine.dialect  # what is made belongs to a dialect
    sync.update_execution_options(compiled_cache=_MADE.setdefault(kind, {}))
    return engine
