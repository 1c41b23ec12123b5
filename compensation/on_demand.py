"""Packages whose names are loaded when they are asked for: a small question must not wait for the whole house.

A package lists its names as imports under `if TYPE_CHECKING:`, the one place where they stand; here they are read.
"""

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def on_demand(package: str, file: str) -> Callable[[str], object]:
    """Return a module's `__getattr__` (PEP 562) that imports each name from where the package says it is."""
    homes: dict[str, str] = {}

    def load(name: str) -> object:
        if not homes:
            homes.update(_homes(Path(file)))
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(homes[name]), name)

    return load


def _homes(file: Path) -> dict[str, str]:
    tree = ast.parse(file.read_bytes())
    return {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
