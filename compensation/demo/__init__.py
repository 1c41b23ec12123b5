"""示例数据: a seeded, made-up year of monitoring files and evidence, for `compensation demo` and the tests.

Nothing here is a measurement. Every file says 示例数据 in its name and in its content.
"""

from compensation.demo.generator import DEFAULT_SEED, generate

__all__ = ["DEFAULT_SEED", "generate"]
