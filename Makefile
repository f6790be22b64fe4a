# The developer commands, all of them. `make` lists them.

.DEFAULT_GOAL := help
.PHONY: help parity test lint types go rust bun check quality load bench pins fuzz

help: ## list the commands
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

parity: ## compare the runtimes (the main job)
	uv run pytest parity/

test: ## run the harness's own tests
	uv run pytest tests/

lint: ## check the Python code's style, and its format
	uv run ruff check
	uv run ruff format --check

types: ## check the Python code's types
	uv run mypy

go: ## check and test the Go runtime
	cd runtimes/go && test -z "$$(gofmt -l .)" && go vet ./... && go test ./...

rust: ## check and test the Rust runtime
	cd runtimes/rust && cargo fmt --check && cargo clippy --locked --all-targets -- -D warnings && cargo test --locked

bun: ## test the front end
	cd runtimes/bun && PATH="$(CURDIR)/.venv/bin:$$PATH" bun test

check: lint types go rust bun parity test ## all of the above

quality: ## every planted bug in every runtime; the tests take one runtime each
	PARITY_QUALITY=everywhere uv run pytest tests/quality -n 2

load: ## compare the runtimes under load by turns, and write the committed report
	uv run python -m loadgen.compare go rust python --users 4 --seconds 8

bench: ## measure, and print rates and ratios (wrk adds the ceilings of services)
	uv run pytest tests/benchmarks/bench_*.py -o python_functions='bench_*' -s

fuzz: ## sweep half a million cases of every surface
	uv run parity run --cases 500000 --report .parity/fuzz

pins: ## renew the exact versions in pyproject.toml
	python3 scripts/renew_pins.py
