# Every target installs what it needs; a second run does nothing twice. Works as root, or as a user with sudo for Debian's packages.
.PHONY: help install run test bench lint soak coverage wheel clean
.DELETE_ON_ERROR:
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

# What is compiled once is kept, also where the surroundings forbid it: eight processes of `make test` read the same files.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -q --require-hashes --no-build-isolation
STATE ?= state
# Five lots for two cores. REAL_TIME judges sound against an idle process: it goes first, and beside it only what reckons in the time that
# others leave: PURE; DAYS, each of which looks at what its process holds, so nobody else is in it; and one collection, which compiles all
# tests for the workers. Then BROWSERS, which speak and hear in Chromium, one at a time, as two of them starve each other; and beside them
# the others, which mostly wait for real time (rings of 5 s), hence five workers.
REAL_TIME := $(addprefix tests/,promises/test_a7_no_gap_while_busy.py promises/test_a2_browser_while_busy.py promises/test_a2_headset_seat.py \
  promises/test_a1_sound_card.py appliance/hw/test_headset.py)
MUTE := $(addprefix tests/appliance/web/,test_desk_in_a_browser.py test_player_in_a_browser.py)
BROWSERS := $(filter-out $(REAL_TIME) $(MUTE),$(shell grep -lrE "playwright|support.seat_page" tests --include='test_*.py'))
PURE := tests/appliance/core tests/appliance/simulate
DAYS := tests/soak
# Whole boxes first, and of them the longest, so that no worker is left alone with one at the end. Files, as pytest puts folders in its own order.
OTHERS := $(filter-out $(REAL_TIME) $(BROWSERS) $(addsuffix /%,$(PURE) $(DAYS)),$(sort $(shell find tests -name 'test_*.py')))
LONG := $(patsubst %,tests/promises/test_%.py,e5_calls_outlive a10_toll_fraud e5_survives a7_recordings)
LONG += $(filter-out $(LONG),$(filter tests/promises/% tests/appliance/web/%,$(OTHERS)))
CYTHON := $(shell find appliance -name '_*.pyx' -o -name '_*.pxd' -o -name '_*.pxi' -o -name '*.h')
PO := $(wildcard appliance/web/locale/*/LC_MESSAGES/*.po)

help:
	@echo "make run     the demonstration office on http://127.0.0.1:8080"
	@echo "make test    every test          make lint   format, lint, types, imports, page texts"
	@echo "make bench   figures (ONLY=core) make soak   the long tests"
	@echo "make install the set-up alone    make wheel  a wheel in dist/"
	@echo "make coverage lines of the Cython core that its tests run"

run: install
	@exec $(VENV)/bin/seatbox run --demo --state $(STATE)

test: dev
	@requirements/system test
	@PYTEST="$(PY) -m pytest -q -m 'not soak'"; \
	lot() { log=.make/$$1.log; shift; eval "$$@" >$$log 2>&1; }; \
	lot pure "nice -n 19 $$PYTEST $(PURE)" & pure=$$!; \
	lot days "nice -n 19 $$PYTEST $(DAYS)" & days=$$!; \
	lot collected "nice -n 19 $$PYTEST --collect-only tests" & \
	failed=0; \
	eval "$$PYTEST $(REAL_TIME)" || failed=1; \
	lot browsers "nice -n 5 $$PYTEST $(BROWSERS)" & browsers=$$!; \
	eval "nice -n 5 $$PYTEST -n 5 --dist loadfile --no-loadscope-reorder $(LONG) $(filter-out $(LONG),$(OTHERS))" || failed=1; \
	for each in $$browsers $$days $$pure; do wait $$each || failed=1; done; \
	cat .make/browsers.log .make/days.log .make/pure.log; exit $$failed

bench: dev
	@$(PY) -m bench $(ONLY)

lint: dev
	@$(VENV)/bin/ruff format --check -q .
	@$(VENV)/bin/ruff check -q .
	@$(VENV)/bin/mypy --strict
	@PYTHONPATH=. $(VENV)/bin/lint-imports --no-cache
	@$(PY) -m appliance.web.i18n --check

soak: dev .make/fuzz
	@requirements/system test
	@SEATBOX_SOAK=1 timeout 10800 $(PY) -m pytest -q -m soak -s

# Which lines of the Cython core its tests run; less than 95 % fails.
coverage: dev
	@$(PY) -m tests.support.core_coverage

wheel: install
	@$(PY) -m pip wheel -q --no-deps --no-build-isolation -w dist .

clean:
	rm -rf .make build dist appliance/web/static/vendor node_modules
	find appliance \( -name '_*.so' -o -name '_*.c' -o -name '*.mo' \) -delete

# ---- the set-up, one stamp a step ------------------------------------------------------------------------------------------

.PHONY: dev venv
install: .make/build .make/entry .make/vendor .make/locale .make/bytecode
dev: install .make/dev

# The environment is made anew when its Python has gone: what was installed went with it.
GONE := $(shell $(PY) -c "" 2>/dev/null || rm -rf $(VENV) .make)

venv:
	@requirements/system run
	@[ -x $(PY) ] || "$$(requirements/python)" -m venv $(VENV)
	@mkdir -p .make

.make/tools: requirements/build.txt | venv
	@$(PIP) -r $<
	@touch $@

.make/run: requirements/run.txt .make/tools
	@$(PIP) -r $<
	@if [ -e /dev/gpiochip0 ]; then $(PY) requirements/link_lgpio.py; fi
	@touch $@

.make/dev: requirements/dev.txt .make/run
	@$(PIP) -r $<
	@touch $@

# atheris, for the soak alone; nothing where there is no wheel of it.
.make/fuzz: requirements/fuzz.txt .make/dev
	@$(PIP) -r $<
	@touch $@

# ONLY of `make bench ONLY=core` is not setup.py's.
.make/build: setup.py $(CYTHON) .make/run
	@echo "compiling"
	@ONLY=appliance $(PY) setup.py -q build_ext --inplace -j 2
	@touch $@

# The command `seatbox`. The modules are compiled already: ONLY=none keeps the build from doing it twice.
# Compat: a path in a file. The other way is a finder, which costs every start of a Python 30 ms.
.make/entry: pyproject.toml setup.py .make/tools
	@ONLY=none $(PY) -m pip --disable-pip-version-check install -qq --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

# The first start is not to compile: 0.5 s of it on a desktop, four times that on a Pi.
.make/bytecode: $(shell find appliance firmware_cfg -name '*.py') .make/run
	@$(PY) -m compileall -q appliance firmware_cfg
	@touch $@

# The front-end's libraries: npm where it is there, else the one in the wheel.
.make/vendor: package.json package-lock.json requirements/node.txt .make/tools
	@npm=$$(command -v npm) || { $(PIP) -r requirements/node.txt; npm=$(CURDIR)/$(VENV)/bin/npm; }; \
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" "$$npm" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@mkdir -p appliance/web/static/vendor
	@cp node_modules/htmx.org/dist/htmx.min.js appliance/web/static/vendor/htmx.min.js
	@cp node_modules/htmx-ext-sse/dist/sse.min.js appliance/web/static/vendor/sse.min.js
	@touch $@

.make/locale: $(PO) .make/run
	@$(PY) -m appliance.web.i18n --compile
	@touch $@
