# What one does here. Each target looks for the tools it needs first, and installs or names what is missing.

# rustup puts cargo here, and a shell opened before the installation does not look there yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

# A test may run four Java processes; more tests at once than this only slow each other down.
export RUST_TEST_THREADS ?= 2

.PHONY: help demo demo-real test lint bench bench-sandbox deps bed up

help:
	@echo 'make demo       the main job on a simulated cluster: needs Rust and compilers, no Java'
	@echo 'make demo-real  the same on real Kafka and a real registry'
	@echo 'make test       all tests, on real Kafka and a real registry too'
	@echo 'make lint       format, clippy, documentation; licences and bans where cargo-deny is installed'
	@echo 'make bench      klerk beside Kafka'"'"'s own scripts on a real broker, and its requests by the number of topics'
	@echo 'make bench-sandbox  how soon a sandbox answers, what it holds, how fast it is filled'
	@echo 'make up         three brokers and a registry to try things on, until Ctrl-D'
	@echo 'make deps       look for Rust, C and C++ compilers, make, perl, Java 17 and Maven; install what is missing'

deps:
	@scripts/deps.sh

# Kafka and the registry in target/testbed.
bed: deps
	@cargo build -p klerk-testbed --bin testbed
	@cargo run -q -p klerk-testbed --bin testbed -- fetch

# Prints the addresses to export, and ends the servers when its input closes.
up: bed
	@cargo run -q -p klerk-testbed --bin testbed -- up

# Neither Java nor Maven: the cluster is simulated, inside of the program.
demo:
	@scripts/deps.sh --build
	@cargo build --bin klerk
	@cargo run -q --bin klerk -- demo

demo-real: bed
	@cargo build --bin klerk
	@scripts/demo.sh

test: bed
	@cargo run -q -p klerk-testbed --bin testbed -- fetch-older
	@scripts/test.sh

lint: deps
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --workspace
	@if cargo deny --version >/dev/null 2>&1; then \
		echo 'cargo deny check licenses bans sources'; \
		cargo deny --offline check licenses bans sources; \
	else \
		echo 'cargo deny is not installed: licences and bans were not checked'; \
	fi

# All of it stays below target/, also what would go to the system's temporary folder.
bench: bed
	@mkdir -p target/bench/tmp
	TMPDIR='$(CURDIR)/target/bench/tmp' cargo bench --locked --bench against_kafka
	TMPDIR='$(CURDIR)/target/bench/tmp' cargo bench --locked --bench requests

bench-sandbox:
	@scripts/deps.sh --build
	cargo bench --locked --bench sandbox
