.PHONY: help demo test bench soak format clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

demo:  ## a made-up school, around now: music in two zones, and the kiosk in this terminal
	@tools/setup.sh demo
	@.venv/bin/unmissable demo

test:  ## everything that must hold: style, types, import contracts, tests
	@tools/setup.sh test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/mypy tools
	@.venv/bin/lint-imports --no-cache | tail -n 3
	@.venv/bin/pytest -n 3 --dist loadfile

soak:  ## a school week in 25 minutes on the null output; SOAK="--days 1 --speakers 6" for a quick look
	@tools/setup.sh test
	@nice -n 5 .venv/bin/python -m tools.soak $(SOAK)

bench:  ## measure the speakers beside Snapcast, MPD and mpv, and write docs/benchmarks.md; BENCH="quiet cost" for parts
	@tools/setup.sh bench
	@.venv/bin/python -m bench $(BENCH)

format:  ## put the code into the house's form
	@tools/setup.sh test
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

clean:  ## remove what the commands above made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache demo-run *.egg-info build
