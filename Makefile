# Two commands for a machine with only Python 3.11+ and make:
#   make demo   import a made-up year, settle it, write the workbook
#   make test   the whole suite
PYTHON ?= python3
PYTEST_ARGS ?= -n auto
BENCH_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Its time says that the environment holds exactly what the lock file lists.
STAMP := $(VENV)/installed.stamp
BENCH := $(VENV)/bench
FUZZ := $(VENV)/fuzz
FUZZ_SECONDS ?= 180

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench mutate fuzz torture clean

help:
	@echo 'make demo   建立环境，导入示例数据，结算示例年度并写出结算工作簿'
	@echo 'make test   代码检查和全部测试'
	@echo 'make lint   只做代码检查：ruff、mypy、import-linter'
	@echo 'make bench  性能比对'
	@echo 'make mutate 变异测试：逐处改动规则和金额代码，看测试是否察觉'
	@echo 'make fuzz   对读取程序做覆盖率引导的模糊测试（仅 Linux；FUZZ_SECONDS=秒数）'
	@echo 'make torture 折磨测试：在任意时刻 kill -9、磁盘满、服务器重启、多人同时写入（TORTURE_ARGS=选项）'
	@echo 'make clean  删除环境和一切生成的文件'
	@echo '可用 PYTHON=python3.12 指定解释器（3.11 或更高版本）。'

demo: $(STAMP)
	$(BIN)/compensation demo

test: lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) $(BENCH)/installed.stamp
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

mutate: $(STAMP)
	PYTHONHASHSEED=0 $(BIN)/python tests/mutation/mutate.py $(MUTATE_ARGS)

# What is only measured against (OpenFisca-core, polars, pandas, SQLModel) has an environment of its own.
$(BENCH)/installed.stamp: benchmarks/requirements.lock $(STAMP)
	@$(BENCH)/bin/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m venv --clear $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

torture: $(STAMP)
	$(BIN)/python tests/torture $(TORTURE_ARGS)

fuzz: $(STAMP) $(FUZZ)/installed.stamp
	cd $(FUZZ) && PYTHONPATH=packages:$(CURDIR) $(CURDIR)/$(BIN)/python $(CURDIR)/fuzz/readers.py corpus \
		-max_total_time=$(FUZZ_SECONDS) -timeout=20 -max_len=4000

$(FUZZ)/installed.stamp: fuzz/requirements.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --target $(FUZZ)/packages \
		-r fuzz/requirements.lock
	@touch $@

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || \
		{ echo '错误：找不到 $(PYTHON)。请安装 Python 3.11 或更高版本，或用 make PYTHON=解释器路径 指定。' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "错误：$(PYTHON) 是 $$($(PYTHON) -V 2>&1)，需要 3.11 或更高版本。请用 make PYTHON=python3.12 这样的写法另行指定。" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo '错误：$(PYTHON) 缺少 venv 或 ensurepip，无法建立环境。Debian、Ubuntu 上请先执行：apt-get install python3-venv' >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || \
		{ echo '建立环境 $(VENV) …'; $(PYTHON) -m venv --clear $(VENV); }
	@echo '按 requirements.lock 安装依赖（校验散列值）…'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	rm -rf $(VENV) demo build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
