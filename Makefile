# `make demo` and `make test` are all that a fresh Debian 12 machine with Rust needs.

.PHONY: demo test bless bench setup build fixtures

setup:
	@scripts/setup.sh

build: setup
	cargo build --release --locked

# The README's example: a function and its derivative.
demo: build
	target/release/irad diff fixtures/model.ll --fn loss --mode reverse --pager never

test: setup
	cargo test --workspace --locked

# Accepts what the goldens say now; read the difference before committing it.
bless: setup
	INSTA_UPDATE=always cargo test --workspace --locked

fixtures:
	scripts/fixtures.sh

bench: build
	@scripts/setup.sh bench
	scripts/bench.sh
